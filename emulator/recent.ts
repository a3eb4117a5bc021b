/** The latest of an endless row of entries, oldest first: memory does not grow with the life of the process. */
export class Recent<T> {
  #entries: T[] = [];
  readonly #capacity: number;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  add(entry: T): void {
    this.#entries.push(entry);
    if (this.#entries.length >= 2 * this.#capacity) this.#entries = this.#entries.slice(-this.#capacity);
  }

  entries(): readonly T[] {
    return this.#entries.slice(-this.#capacity);
  }
}
