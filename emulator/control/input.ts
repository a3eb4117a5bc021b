import { parseIsoDuration } from "../dates.ts";
import { objectEntries } from "../domain/content.ts";

/** A refusal of the control API. `field` names what is wrong with the input. */
export class ControlError extends Error {
  readonly status: number;
  readonly field: string | undefined;

  constructor(status: number, message: string, field?: string) {
    super(message);
    this.name = "ControlError";
    this.status = status;
    this.field = field;
  }
}

/** 400 for a field of the input. */
export function badField(field: string, expected: string): ControlError {
  return new ControlError(400, `${field}: ${expected}`, field);
}

/** The fields of a JSON body, read one by one. A field that is not known is an error: it is a typing mistake. */
export class Input {
  readonly #fields: ReadonlyMap<string, unknown>;

  constructor(body: string | undefined, known: readonly string[]) {
    this.#fields = parseObject(body);
    for (const name of this.#fields.keys()) {
      if (!known.includes(name))
        throw badField(name, `unknown field; known are ${known.join(", ") || "none"}`);
    }
  }

  has(name: string): boolean {
    return this.#fields.has(name);
  }

  text(name: string): string {
    const value = this.optionalText(name);
    if (value === undefined) throw badField(name, "is required");
    return value;
  }

  optionalText(name: string): string | undefined {
    const value = this.#fields.get(name);
    if (value === undefined || value === null) return undefined;
    if (typeof value !== "string" || value === "") throw badField(name, "must be text");
    return value;
  }

  /** One text, or a list of them. */
  texts(name: string): readonly string[] {
    const value = this.#fields.get(name);
    if (!Array.isArray(value)) return [this.text(name)];
    if (value.length === 0) throw badField(name, "must not be empty");
    return value.map((text) => {
      if (typeof text !== "string" || text === "") throw badField(name, "must be text, or a list of texts");
      return text;
    });
  }

  flag(name: string, otherwise: boolean): boolean {
    const value = this.#fields.get(name) ?? otherwise;
    if (typeof value !== "boolean") throw badField(name, "must be true or false");
    return value;
  }

  /** A whole number from 0 to `most`. */
  integer(name: string, most: number): number {
    const value = this.#fields.get(name);
    if (typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= most) return value;
    throw badField(name, `must be a whole number from 0 to ${most}`);
  }

  oneOf<T extends string>(name: string, values: readonly T[]): T {
    const text = this.text(name);
    const value = values.find((candidate) => candidate === text);
    if (value === undefined) throw badField(name, `must be one of ${values.join(", ")}`);
    return value;
  }

  /** A list of some of `values`, all of them when it is missing. */
  someOf<T extends string>(name: string, values: readonly T[]): readonly T[] {
    const given = this.#fields.get(name) ?? values;
    if (Array.isArray(given) && given.every((value) => values.includes(value)))
      return values.filter((value) => given.includes(value));
    throw badField(name, `must be a list of some of ${values.join(", ")}`);
  }

  /** Milliseconds of an ISO 8601 duration. */
  duration(name: string): number {
    const duration = parseIsoDuration(this.text(name));
    if (duration === undefined) throw badField(name, 'must be an ISO 8601 duration such as "PT24H" or "P1D"');
    return duration;
  }

  /** A list of http, https or data URLs, empty when it is missing. */
  urls(name: string): readonly string[] {
    const value = this.#fields.get(name) ?? [];
    if (!Array.isArray(value)) throw badField(name, "must be a list of URLs");
    return value.map((url) => {
      if (typeof url === "string" && /^(https?:\/\/|data:[^,]{0,300},)/i.test(url) && URL.canParse(url))
        return url;
      throw badField(name, "must be a list of http, https or data URLs");
    });
  }
}

/** How many of the latest the query asks for: `last`, from 1 to 10,000; all of them when it is missing. */
export function readLast(query: URLSearchParams): number {
  const text = query.get("last");
  if (text === null) return Number.POSITIVE_INFINITY;
  const last = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (last < 1 || last > 10_000) throw badField("last", "must be a number from 1 to 10000");
  return last;
}

function parseObject(body: string | undefined): ReadonlyMap<string, unknown> {
  if (body !== undefined && body.trim() === "") return new Map();
  const entries = objectEntries(parseJson(body));
  if (entries === undefined) throw new ControlError(400, "The body must be a JSON object");
  return entries;
}

/** The JSON of a body, or a refusal. */
export function parseJson(body: string | undefined): unknown {
  if (body === undefined) throw new ControlError(413, "The body is too large");
  try {
    return JSON.parse(body);
  } catch {
    throw new ControlError(400, "The body is not valid JSON");
  }
}
