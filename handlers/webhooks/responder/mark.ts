import * as v from "valibot";
import { parseAttributes } from "../../../core/twilio/attributes.ts";

const mark = v.object({
  /** What the message says, so that it is said once: see `Answer` and the texts of a hand-over. */
  says: v.string(),
  /** The message that it was sent for. */
  inReplyTo: v.string(),
});
type Mark = v.InferOutput<typeof mark>;

const KEY = "responder";

/** Attributes of a message of the responder, by which it and its twins know it again. */
export const markedWith = (says: string, inReplyTo: string): string =>
  JSON.stringify({ [KEY]: { says, inReplyTo } satisfies Mark });

/** What a message of the responder says; `undefined` for a message of somebody else's. */
export function markOf(attributes: string): string | undefined {
  const read = v.safeParse(mark, parseAttributes(attributes)[KEY]);
  return read.success ? read.output.says : undefined;
}

/** Whether a message is the responder's. */
export const isMarked = (attributes: string): boolean => markOf(attributes) !== undefined;
