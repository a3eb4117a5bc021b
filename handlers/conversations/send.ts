import type { MessageInstance } from "twilio/lib/rest/conversations/v1/conversation/message.js";
import * as v from "valibot";
import { backEnd } from "../../core/access/back-end.ts";
import { atLeastOne, excludes, needs, TEMPLATE_OR_TEXT } from "../../core/field-rules.ts";
import { defineHandler, Reply } from "../../core/handler.ts";
import {
  attributes,
  contentVariables,
  conversationKey,
  LONGEST_BODY,
  requireOwn,
  sid,
  text,
} from "../../core/input.ts";
import { omitUndefined } from "../../core/omit-undefined.ts";
import { sidOf } from "../../core/sid.ts";
import { inTurnOfKey, SENT_BY_CALLER } from "../../core/state/caller-key.ts";
import { sendOnce } from "../../core/state/send-once.ts";
import { state } from "../../core/state/state.ts";
import { type MessageParts, warningFor } from "../../core/twilio/channel-limits.ts";
import { checkContent, templates } from "../../core/twilio/contents.ts";
import { conversations } from "../../core/twilio/conversations.ts";
import { explainTwilioError } from "../../core/twilio/errors.ts";
import { type Target, targetOf } from "../../core/twilio/target.ts";

/**
 * Sends a message to a conversation: text, a content template with its variables, or media that was uploaded before (docs:
 * Conversation message resource). The answer names the participants that will not receive all of it.
 *
 * Safe to call again with the same `idempotencyKey`, which is stored in the message's attributes: a message with this key,
 * from the last 24 hours or among the conversation's latest hundred, is answered as `existing`. Of several concurrent calls
 * one sends, and the others wait for it; those that wait longer than three seconds get a 503 and can be repeated.
 */
export default defineHandler({
  access: backEnd("conversations:write"),
  use: { conversations, state, fetchTemplate: templates },
  input: v.pipe(
    v.strictObject({
      /** The conversation. */
      conversationSid: conversationKey(),
      /** Whether this deployment must have created it; otherwise a 409. For unique names that a chat user could guess. */
      requireOwn: requireOwn(),
      /** The text. Either this, `mediaSid` or both, or `contentSid`. */
      body: v.optional(text(LONGEST_BODY)),
      /** A content template. */
      contentSid: v.optional(sid("HX")),
      /** The template's variables. */
      contentVariables: v.optional(contentVariables()),
      /** A file that was uploaded before. */
      mediaSid: v.optional(sid("ME")),
      /** The author: an identity or address. That participant does not get the message. `system` if omitted. */
      author: v.optional(text(256)),
      /** The message's attributes. */
      attributes: v.optional(attributes(), {}),
      /** Makes the call safe to repeat: a message with this key is answered as `existing`. */
      idempotencyKey: v.optional(text(128)),
    }),
    atLeastOne(["body", "mediaSid", "contentSid"], "Give body, mediaSid or both, or contentSid."),
    needs("contentVariables", "contentSid"),
    excludes(["contentSid", "body", "mediaSid"], TEMPLATE_OR_TEXT),
  ),
  mayBeRepeated: ({ idempotencyKey }) => idempotencyKey !== undefined,
  async run(input, { conversations, state, fetchTemplate, call, log }) {
    await checkContent(fetchTemplate, input, { needsApproval: false });
    const send = async (target: Target) => {
      const { conversation } = target;
      const { status, message } = await sendOnce(
        { state, call, ...target },
        // Without a caller's key, one that identifies this call's message when the answer is lost.
        { purpose: SENT_BY_CALLER, key: input.idempotencyKey ?? call.requestId },
        omitUndefined({
          body: input.body,
          mediaSid: input.mediaSid,
          contentSid: input.contentSid,
          contentVariables: input.contentVariables && JSON.stringify(input.contentVariables),
          author: input.author,
        }),
        { attributes: input.attributes, isNew: input.idempotencyKey === undefined },
      );
      if (status === "existing") return answer("existing", message);
      const parts = { author: input.author, body: input.body ?? "", media: mediaOf(message) };
      const warning = await warningFor(conversation, parts, log);
      return new Reply(201, omitUndefined({ ...answer("sent", message), warning }));
    };
    try {
      const target = await targetOf({ conversations, state }, input);
      return await inTurnOfKey({ conversations, state, call, log }, target, input.idempotencyKey, send);
    } catch (error) {
      throw explainTwilioError(error, { field: "conversationSid" });
    }
  },
});

const answer = (status: "sent" | "existing", { conversationSid, sid, index }: MessageInstance) => ({
  status,
  conversationSid: sidOf("CH", conversationSid),
  messageSid: sidOf("IM", sid),
  index,
});

function mediaOf({ media }: MessageInstance): MessageParts["media"] {
  const [file] = (media ?? []) as { size: number; content_type: string }[];
  return file && { size: file.size, contentType: file.content_type };
}
