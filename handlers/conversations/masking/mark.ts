import * as v from "valibot";
import { record } from "../../../core/state/record.ts";
import type { State } from "../../../core/state/state.ts";

/** What tells a masked conversation from others. */
export const mark = record(
  "masked",
  v.object({
    /** Which call made the conversation, so that it knows its own when the answer to its create was lost. */
    madeBy: v.string(),
    /** Who is connected: see {@link pairOf}. */
    pair: v.string(),
  }),
);

/** Two people, whichever is named first. Nobody without the key can tell from it who they are. */
export const pairOf = (state: State, addresses: readonly string[]): string =>
  state.name("pair", ...[...addresses].sort());

/**
 * The unique name of the next conversation of a pair. A closed conversation keeps its name, so the names are counted.
 *
 * @param earlier Unique names that are taken, of whomever.
 */
export function nextName(pair: string, earlier: readonly string[]): string {
  const prefix = `masked-${pair}-`;
  const counts = earlier
    .filter((name) => name.startsWith(prefix))
    .map((name) => Number(name.slice(prefix.length)));
  return `${prefix}${Math.max(0, ...counts.filter(Number.isInteger)) + 1}`;
}
