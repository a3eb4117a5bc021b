import * as v from "valibot";
import { record } from "../../../core/state/record.ts";
import type { State } from "../../../core/state/state.ts";

/** The record that marks a masked conversation. */
export const mark = record(
  "masked",
  v.object({
    /** The request id of the call that created it, which recognizes its own when the answer to its create was lost. */
    madeBy: v.string(),
    /** The two people: see {@link pairOf}. */
    pair: v.string(),
  }),
);

/** Identifies two people, in any order, without revealing who they are. */
export const pairOf = (state: State, addresses: readonly string[]): string =>
  state.name("pair", ...[...addresses].sort());

/**
 * The unique name of the next conversation of a pair. A closed conversation keeps its name, so the names are counted.
 *
 * @param earlier Unique names that are taken, also of other pairs.
 */
export function nextName(pair: string, earlier: readonly string[]): string {
  const prefix = `masked-${pair}-`;
  const counts = earlier
    .filter((name) => name.startsWith(prefix))
    .map((name) => Number(name.slice(prefix.length)));
  return `${prefix}${Math.max(0, ...counts.filter(Number.isInteger)) + 1}`;
}
