import * as v from "valibot";
import { sid } from "../input.ts";
import { record } from "../state/record.ts";
import { type Outbox, sendOnce } from "../state/send-once.ts";

const message = v.union([
  v.object({ author: v.exactOptional(v.string()), body: v.string(), mediaSid: v.exactOptional(v.string()) }),
  v.object({ author: v.exactOptional(v.string()), mediaSid: sid("ME") }),
  v.object({
    author: v.exactOptional(v.string()),
    contentSid: sid("HX"),
    contentVariables: v.exactOptional(v.string()),
  }),
]);

/**
 * The message that a conversation begins with as soon as everybody is in it: text, uploaded media or a content template,
 * and in whose name (in a group text that must be a member's identity or number).
 */
export type FirstMessage = v.InferOutput<typeof message>;

/**
 * What a group text is made with. Its first message waits in the record, since nothing can be sent while the conversation
 * is `initializing` (docs: Conversation with participants resource). `webhooks/post-event` sends it, which hears of a
 * conversation only where the request that makes it has `X-Twilio-Webhook-Enabled`.
 */
export const group = record(
  "group",
  v.object({
    /** Which call made it. */
    madeBy: v.string(),
    firstMessage: v.exactOptional(message),
  }),
);

/** Sends the waiting message unless it was sent. Two calls at one instant may both send, so it belongs into a turn. */
export async function sendFirstMessage(outbox: Outbox, message: FirstMessage): Promise<"sent" | "existing"> {
  const { author = "system" } = message;
  const once = { purpose: "first-message", key: "first", after: "start" } as const;
  return (await sendOnce(outbox, once, { ...message, author })).status;
}
