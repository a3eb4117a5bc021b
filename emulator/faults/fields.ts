import { parseIsoDuration } from "../dates.ts";
import { objectEntries } from "../domain/content.ts";

/** What is wrong with a rule. `field` is its path: "match.event"; empty for the whole. */
export class FaultError extends Error {
  readonly field: string;

  constructor(field: string, reason: string) {
    super(reason);
    this.field = field;
  }
}

/** The fields of a JSON object, read one by one. */
export class Fields {
  readonly #entries: ReadonlyMap<string, unknown>;
  readonly #prefix: string;

  /** @param prefix where the object is: "match." or "". Throws a {@link FaultError} for what is no object. */
  constructor(value: unknown, prefix: string) {
    const entries = objectEntries(value);
    if (entries === undefined) throw new FaultError(prefix.slice(0, -1), "must be a JSON object");
    this.#entries = entries;
    this.#prefix = prefix;
  }

  /** Refuses fields that are not among the `known`; `what` has them. */
  close(known: readonly string[], what: string): void {
    const stranger = this.names().find((name) => !known.includes(name));
    if (stranger === undefined) return;
    throw this.error(stranger, `unknown field; ${what} has ${known.join(", ") || "none"}`);
  }

  names(): readonly string[] {
    return [...this.#entries.keys()];
  }

  value(name: string): unknown {
    return this.#entries.get(name) ?? undefined;
  }

  text(name: string): string | undefined {
    const value = this.value(name);
    if (value === undefined || (typeof value === "string" && value !== "")) return value;
    throw this.error(name, "must be text");
  }

  flag(name: string): boolean {
    const value = this.value(name) ?? false;
    if (typeof value === "boolean") return value;
    throw this.error(name, "must be true or false");
  }

  /** A whole number within the bounds. */
  integer(name: string, lowest: number, highest: number): number | undefined {
    const value = this.value(name);
    if (value === undefined) return undefined;
    if (typeof value === "number" && Number.isInteger(value) && value >= lowest && value <= highest)
      return value;
    throw this.error(name, `must be a whole number from ${lowest} to ${highest}`);
  }

  /** From 0 to 1; 1 when it is missing. */
  probability(name: string): number {
    const value = this.value(name) ?? 1;
    if (typeof value === "number" && value >= 0 && value <= 1) return value;
    throw this.error(name, "must be a number from 0 to 1");
  }

  /** Milliseconds. */
  duration(name: string): number {
    const ms = parseIsoDuration(this.required(name, this.text(name)));
    if (ms !== undefined) return ms;
    throw this.error(name, 'must be an ISO 8601 duration such as "PT5S"');
  }

  oneOf<T extends string>(name: string, values: readonly T[]): T | undefined {
    const text = this.value(name);
    const value = values.find((candidate) => candidate === text);
    if (value !== undefined || text === undefined) return value;
    throw this.error(name, `must be one of ${values.join(", ")}`);
  }

  required<T>(name: string, value: T | undefined): T {
    if (value === undefined) throw this.error(name, "is required");
    return value;
  }

  error(name: string, reason: string): FaultError {
    return new FaultError(`${this.#prefix}${name}`, reason);
  }
}
