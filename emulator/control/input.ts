import type * as v from "valibot";
import { InputError, readInput } from "../input.ts";

/** A rejection by the control API, with status and text of the response. */
export class ControlError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = "ControlError";
    this.status = status;
  }
}

/**
 * Reads a JSON body by its schema; an empty body is an empty object. Throws a {@link ControlError} for what is not
 * JSON, and an {@link InputError}.
 */
export function readBody<Schema extends v.GenericSchema>(
  body: string | undefined,
  schema: Schema,
): v.InferOutput<Schema> {
  const value = body?.trim() === "" ? {} : parseJson(body);
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new ControlError(400, "The body must be a JSON object");
  return readInput(schema, value);
}

/** Throws an {@link InputError} for a parameter of a query that is unknown, or there twice: it would be ignored. */
export function checkQuery(query: URLSearchParams, known: readonly string[]): void {
  for (const name of query.keys()) {
    if (!known.includes(name)) {
      const advice = known.length === 0 ? "the query has none here" : `known are ${known.join(", ")}`;
      throw new InputError(name, `unknown parameter; ${advice}`);
    }
    if (query.getAll(name).length > 1) throw new InputError(name, "must be there once");
  }
}

/** Reads `last` of a query, from 1 to 10,000; infinite if missing. */
export function readLast(query: URLSearchParams): number {
  const given = query.get("last");
  if (given === null) return Number.POSITIVE_INFINITY;
  const last = /^\d{1,5}$/.test(given) ? Number(given) : 0;
  if (last < 1 || last > 10_000) throw new InputError("last", "must be a number from 1 to 10000");
  return last;
}

/** Parses a body. Throws a {@link ControlError} for one that is too large or not JSON. */
export function parseJson(body: string | undefined): unknown {
  if (body === undefined) throw new ControlError(413, "The body is too large");
  try {
    return JSON.parse(body);
  } catch {
    throw new ControlError(400, "The body is not valid JSON");
  }
}
