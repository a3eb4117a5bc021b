/**
 * Parameters of a query string or form body. A repeated parameter is a list; read as one value it is its
 * first. Names come from the caller, so they are the keys of a map and never of an object.
 */
export class Params {
  readonly #values = new Map<string, string[]>();

  /** Parses `application/x-www-form-urlencoded` text. Any text is accepted; invalid escapes are kept as text. */
  static parse(text: string): Params {
    return Params.of(text === "" ? [] : new URLSearchParams(text));
  }

  /** Parsed parameters, in order. */
  static of(entries: Iterable<[name: string, value: string]>): Params {
    const params = new Params();
    for (const [name, value] of entries) params.#append(name, value);
    return params;
  }

  get(name: string): string | undefined {
    return this.#values.get(name)?.[0];
  }

  all(name: string): readonly string[] {
    return this.#values.get(name) ?? [];
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  entries(): Iterable<[name: string, values: readonly string[]]> {
    return this.#values.entries();
  }

  #append(name: string, value: string): void {
    const values = this.#values.get(name);
    if (values === undefined) this.#values.set(name, [value]);
    else values.push(value);
  }
}
