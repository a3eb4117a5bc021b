/** The latest entries of a log, oldest first; older ones are dropped, so memory stays bounded. */
export class Recent<T> {
  #entries: T[] = [];
  readonly #capacity: number;
  readonly #added: (entry: T) => void;

  /** `added` hears of every entry. */
  constructor(capacity: number, added: (entry: T) => void = () => {}) {
    this.#capacity = capacity;
    this.#added = added;
  }

  add(entry: T): void {
    this.#entries.push(entry);
    if (this.#entries.length >= 2 * this.#capacity) this.#entries = this.#entries.slice(-this.#capacity);
    this.#added(entry);
  }

  entries(): readonly T[] {
    return this.#entries.slice(-this.#capacity);
  }
}
