/** A member that is ordered by the date of its creation, which a request may change, and then by its position. */
export interface Dated {
  readonly seq: number;
  readonly dateCreated: number;
}

/** Members by date. Adding the latest and starting an iteration take a binary search. */
export class DateOrder<T extends Dated> {
  readonly #members: T[];

  constructor(members: Iterable<T>) {
    this.#members = [...members].sort((a, b) => a.dateCreated - b.dateCreated || a.seq - b.seq);
  }

  add(member: T): void {
    this.#members.splice(this.#indexOf(member.dateCreated, member.seq), 0, member);
  }

  /** Removes a member, whose date must be the one with which it was added. */
  delete(member: T): void {
    const index = this.#indexOf(member.dateCreated, member.seq);
    if (this.#members[index] === member) this.#members.splice(index, 1);
  }

  /** In ascending order, beginning with the first at this date and position or after it. */
  *upFrom(date: number, seq = 0): Generator<T> {
    for (let i = this.#indexOf(date, seq); i < this.#members.length; i += 1) {
      const member = this.#members[i];
      if (member !== undefined) yield member;
    }
  }

  /** In descending order, beginning with the last before this date and position. */
  *downFrom(date: number, seq = 0): Generator<T> {
    for (let i = this.#indexOf(date, seq) - 1; i >= 0; i -= 1) {
      const member = this.#members[i];
      if (member !== undefined) yield member;
    }
  }

  /** Index of the first member at this date and position or after it. */
  #indexOf(date: number, seq: number): number {
    let low = 0;
    let high = this.#members.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const member = this.#members[middle];
      const isBefore =
        member !== undefined &&
        (member.dateCreated < date || (member.dateCreated === date && member.seq < seq));
      if (isBefore) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
