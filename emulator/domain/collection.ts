import type { Sid } from "../sid.ts";
import { type Dated, DateOrder } from "./date-order.ts";

/** A member of a collection: a SID, and a position that never changes. */
export interface Member<Prefix extends string = string> {
  readonly sid: Sid<Prefix>;
  /** Grows with every member that is added; gaps are fine. Lists are ordered by it and page tokens carry it. */
  readonly seq: number;
}

/** Can be iterated in order, from any position, upwards or downwards. */
export interface Ordered<T> {
  upFrom(seq: number): Iterable<T>;
  downFrom(seq: number): Iterable<T>;
}

/**
 * Members by SID and in the order they were added. Adding, finding and removing take constant time; starting an
 * iteration takes a binary search, so a list can be paged while members are added and removed.
 */
export class Collection<T extends Member> implements Ordered<T> {
  readonly #bySid = new Map<string, T>();
  #ordered: (T | undefined)[] = [];
  #positions: number[] = [];
  #nextSeq = 0;
  /** Exists once it was asked for. It is not part of the stored state. */
  #byDate: DateOrder<T & Dated> | undefined;

  get size(): number {
    return this.#bySid.size;
  }

  /** The position of the next member. */
  nextSeq(): number {
    return this.#nextSeq;
  }

  /** Reserves the positions below `seq` for members that were removed. */
  skipTo(seq: number): void {
    this.#nextSeq = Math.max(this.#nextSeq, seq);
  }

  get(sid: string): T | undefined {
    return this.#bySid.get(sid);
  }

  add(member: T): void {
    this.#bySid.set(member.sid, member);
    this.#byDate?.add(member as T & Dated);
    this.#ordered.push(member);
    this.#positions.push(member.seq);
    this.#nextSeq = Math.max(this.#nextSeq, member.seq + 1);
  }

  /** Adds a new member. The caller must use the returned member instead of the argument, which must not be changed any more. */
  enter<M extends T>(member: M): M {
    this.add(member);
    return member;
  }

  delete(member: T): boolean {
    if (!this.#bySid.delete(member.sid)) return false;
    this.#byDate?.delete(member as T & Dated);
    this.#ordered[this.#indexOf(member.seq)] = undefined;
    if (this.#ordered.length > 32 && this.#bySid.size * 2 < this.#ordered.length) this.#compact();
    return true;
  }

  /** The members of a collection of dated ones by their date. */
  byDate<D extends T & Dated>(this: Collection<D>): DateOrder<D> {
    this.#byDate ??= new DateOrder(this.#bySid.values());
    return this.#byDate;
  }

  /** Changes the date of a member. */
  changeDate<D extends T & Dated>(this: Collection<D>, member: D, change: () => void): void {
    this.#byDate?.delete(member);
    change();
    this.#byDate?.add(member);
  }

  values(): IterableIterator<T> {
    return this.#bySid.values();
  }

  /** Members in ascending order, beginning with the first whose position is `from` or later. */
  *upFrom(from: number): Generator<T> {
    for (let i = this.#indexOf(from); i < this.#ordered.length; i += 1) {
      const member = this.#ordered[i];
      if (member !== undefined) yield member;
    }
  }

  /** Members in descending order, beginning with the last whose position is `from` or earlier. */
  *downFrom(from: number): Generator<T> {
    for (let i = this.#indexOf(from + 1) - 1; i >= 0; i -= 1) {
      const member = this.#ordered[i];
      if (member !== undefined) yield member;
    }
  }

  /** Index of the first member whose position is `seq` or later. */
  #indexOf(seq: number): number {
    let low = 0;
    let high = this.#positions.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#positions[middle] ?? Number.POSITIVE_INFINITY) < seq) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #compact(): void {
    const kept = this.#ordered.filter((member) => member !== undefined);
    this.#ordered = kept;
    this.#positions = kept.map((member) => member.seq);
  }
}
