/** What a collection needs to know of its members: a name, and a place that never changes. */
export interface Member {
  readonly sid: string;
  /** Grows with every member that is added; gaps are fine. Lists are ordered by it and page tokens carry it. */
  readonly seq: number;
}

/** What can be read in order, from any place on, upwards or downwards. */
export interface Ordered<T> {
  upFrom(place: number): Iterable<T>;
  downFrom(place: number): Iterable<T>;
}

/**
 * Members by SID and in the order they were added. Adding, finding and removing cost the same whatever the size,
 * and reading on from any place takes a binary search, so a list can be paged while members come and go.
 */
export class Collection<T extends Member> implements Ordered<T> {
  readonly #bySid = new Map<string, T>();
  #ordered: (T | undefined)[] = [];
  #places: number[] = [];
  #nextSeq = 0;

  get size(): number {
    return this.#bySid.size;
  }

  /** The place for the next member. */
  nextSeq(): number {
    return this.#nextSeq;
  }

  /** Leaves the places below `seq` to members that are gone. */
  skipTo(seq: number): void {
    this.#nextSeq = Math.max(this.#nextSeq, seq);
  }

  get(sid: string): T | undefined {
    return this.#bySid.get(sid);
  }

  add(member: T): void {
    this.#bySid.set(member.sid, member);
    this.#ordered.push(member);
    this.#places.push(member.seq);
    this.#nextSeq = Math.max(this.#nextSeq, member.seq + 1);
  }

  delete(member: T): boolean {
    if (!this.#bySid.delete(member.sid)) return false;
    this.#ordered[this.#indexOf(member.seq)] = undefined;
    if (this.#ordered.length > 32 && this.#bySid.size * 2 < this.#ordered.length) this.#compact();
    return true;
  }

  values(): IterableIterator<T> {
    return this.#bySid.values();
  }

  /** Members in ascending order, beginning with the first whose place is `from` or later. */
  *upFrom(from: number): Generator<T> {
    for (let i = this.#indexOf(from); i < this.#ordered.length; i += 1) {
      const member = this.#ordered[i];
      if (member !== undefined) yield member;
    }
  }

  /** Members in descending order, beginning with the last whose place is `from` or earlier. */
  *downFrom(from: number): Generator<T> {
    for (let i = this.#indexOf(from + 1) - 1; i >= 0; i -= 1) {
      const member = this.#ordered[i];
      if (member !== undefined) yield member;
    }
  }

  /** Index of the first member whose place is `seq` or later. */
  #indexOf(seq: number): number {
    let low = 0;
    let high = this.#places.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#places[middle] ?? Number.POSITIVE_INFINITY) < seq) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #compact(): void {
    const kept = this.#ordered.filter((member) => member !== undefined);
    this.#ordered = kept;
    this.#places = kept.map((member) => member.seq);
  }
}
