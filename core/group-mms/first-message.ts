import * as v from "valibot";
import { sid } from "../input.ts";
import { record } from "../state/record.ts";
import { type SendContext, sendOnce } from "../state/send-once.ts";

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
 * The message that is sent as soon as all members have joined: text, uploaded media or a content template, with its author
 * (in a group text, a member's identity or number).
 */
export type FirstMessage = v.InferOutput<typeof message>;

/**
 * The record of a group text. Its first message waits in it, since nothing can be sent while the conversation is
 * `initializing` (docs: Conversation with participants resource). `webhooks/post-event` sends it; Twilio calls that only
 * where the request that creates the conversation has `X-Twilio-Webhook-Enabled`.
 */
export const group = record(
  "group",
  v.object({
    /** The request id of the call that created it. */
    madeBy: v.string(),
    firstMessage: v.exactOptional(message),
  }),
);

/** Sends the waiting message unless it was sent. Two concurrent calls may both send it, so call it within `inTurn`. */
export async function sendFirstMessage(
  sendContext: SendContext,
  message: FirstMessage,
): Promise<"sent" | "existing"> {
  const { author = "system" } = message;
  const once = { purpose: "first-message", key: "first", after: "start" } as const;
  return (await sendOnce(sendContext, once, { ...message, author })).status;
}
