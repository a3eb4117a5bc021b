import { createHash } from "node:crypto";
import * as v from "valibot";
import { parseAttributes } from "../../../core/twilio/attributes.ts";

const mark = v.object({
  /** Which call made the conversation, so that it knows its own when the answer to its create was lost. */
  madeBy: v.string(),
  /** Who is connected: see {@link pairOf}. */
  pair: v.string(),
});

/** What tells a masked conversation from others. It lives in the conversation's attributes, under `masked`. */
export type Mark = v.InferOutput<typeof mark>;

const MARK_KEY = "masked";

/** Two people, whichever is named first, without saying who they are: members of a conversation see its attributes. */
export const pairOf = (addresses: readonly string[]): string =>
  createHash("sha256")
    .update([...addresses].sort().join(" "))
    .digest("hex")
    .slice(0, 32);

/** Reads the mark from a conversation's attributes, or `undefined` when there is none. */
export function readMark(attributes: string): Mark | undefined {
  const read = v.safeParse(mark, parseAttributes(attributes)[MARK_KEY]);
  return read.success ? read.output : undefined;
}

/** Attributes of a masked conversation. */
export const markedAttributes = (attributes: Readonly<Record<string, unknown>>, mark: Mark): string =>
  JSON.stringify({ ...attributes, [MARK_KEY]: mark });

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
