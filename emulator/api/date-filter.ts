import { parseIsoDate } from "../dates.ts";
import { requestRules } from "../domain/rules/request.ts";
import type { Params } from "../http/params.ts";

/** A list's selection by a date. */
export interface DateFilter {
  /** The given parameters, for the URLs of the list. */
  readonly given: readonly (readonly [name: string, value: string])[];
  includes(ms: number): boolean;
}

/**
 * Reads parameters that select by a date: on, from and to a day (`YYYY-MM-DD`) or a second (`YYYY-MM-DDThh:mm:ssZ`) in GMT, which is
 * included (the Message resource, `DateSent`; Monitor's Alert resource, `StartDate`).
 */
export function dateFilter(
  query: Params,
  names: { readonly on?: string; readonly from: string; readonly to: string },
): DateFilter {
  const [on, from, to] = [names.on, names.from, names.to].map((name) =>
    name === undefined ? undefined : read(query, name),
  );
  return {
    given: [on, from, to].flatMap((range) =>
      range === undefined ? [] : [[range.name, range.value] as const],
    ),
    includes: (ms) =>
      (on === undefined || (ms >= on.first && ms <= on.last)) &&
      (from === undefined || ms >= from.first) &&
      (to === undefined || ms <= to.last),
  };
}

const second = 1000;
const day = 24 * 60 * 60 * second;

function read(query: Params, name: string) {
  const value = query.get(name);
  if (value === undefined || value === "") return undefined;
  const first = parseIsoDate(value);
  if (first === undefined) throw requestRules.invalidParameter(name);
  return { name, value, first, last: first + (value.includes("T") ? second : day) - 1 };
}
