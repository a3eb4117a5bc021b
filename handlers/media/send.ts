import type { MessageInstance } from "twilio/lib/rest/conversations/v1/conversation/message.js";
import * as v from "valibot";
import { backEnd } from "../../core/access/back-end.ts";
import { integerVariable, listVariable, switchVariable } from "../../core/environment.ts";
import { Conflict } from "../../core/errors.ts";
import { defineHandler, Reply } from "../../core/handler.ts";
import { attributes, conversationKey, LONGEST_BODY, requireOwn, text } from "../../core/input.ts";
import { omitUndefined } from "../../core/omit-undefined.ts";
import { sidOf } from "../../core/sid.ts";
import { inTurnOfKey, SENT_BY_CALLER } from "../../core/state/caller-key.ts";
import { findSent, sendOnce } from "../../core/state/send-once.ts";
import { state } from "../../core/state/state.ts";
import { CHANNEL_MEDIA_TYPES, warningFor } from "../../core/twilio/channel-limits.ts";
import { conversations } from "../../core/twilio/conversations.ts";
import { explainTwilioError } from "../../core/twilio/errors.ts";
import { mediaUploads } from "../../core/twilio/media.ts";
import { type Target, targetOf } from "../../core/twilio/target.ts";
import { download } from "./source/download.ts";
import { withoutFormatting } from "./source/filename.ts";

/** A type and a subtype (RFC 6838, section 4.2), or all subtypes. */
const MEDIA_TYPE = /^[a-z0-9][a-z0-9!#$&^_.+-]*\/(\*|[a-z0-9][a-z0-9!#$&^_.+-]*)$/;

const NOT_A_NAME = "must be the name of a file, without a path";

/**
 * Downloads a file from its URL, uploads it to Twilio's media service and sends it as a message (docs: Conversations media
 * resource; Media support in Conversations). Twilio's REST API attaches one file to a message. The answer names the participants that will not receive all of it.
 *
 * Safe to call again with the same `idempotencyKey`, as `conversations/send` is. Twilio deletes a file that was
 * uploaded and not sent.
 */
export default defineHandler({
  access: backEnd("conversations:write"),
  env: {
    /** The limit of chat is 150 MB (docs: Conversations limits); the file is held in memory. */
    MEDIA_LARGEST_MB: v.optional(integerVariable(1, 150), "16"),
    MEDIA_TYPES: v.optional(
      v.pipe(
        listVariable(),
        v.check(
          (types) => types.every((type) => MEDIA_TYPE.test(type)),
          "must be media types in lower case, such as image/png or image/*",
        ),
      ),
      CHANNEL_MEDIA_TYPES.join(),
    ),
    MEDIA_ALLOW_HTTP: v.optional(switchVariable(), "false"),
    /** Hosts that may be reached although their addresses are private, and at any port. */
    MEDIA_ALLOWED_HOSTS: v.optional(listVariable(), ""),
  },
  use: { conversations, state, uploadMedia: mediaUploads },
  input: v.strictObject({
    /** The conversation. */
    conversationSid: conversationKey(),
    /** Whether this deployment must have created it; otherwise a 409. For unique names that a chat user could guess. */
    requireOwn: requireOwn(),
    /** The file's https URL. */
    url: v.pipe(
      text(2_048),
      v.check((value) => URL.canParse(value), "must be an absolute URL"),
      v.description("an absolute URL, up to 2048 characters"),
    ),
    /** Text with the file. Only chat users receive it. */
    body: v.optional(text(LONGEST_BODY)),
    /** The file's name. The last part of the URL's path if omitted. */
    filename: v.optional(
      v.pipe(
        text(128),
        v.regex(/^[^/\\\p{Cc}]+$/u, NOT_A_NAME),
        v.description("the name of a file, without a path, up to 128 characters"),
        v.transform(withoutFormatting),
        v.regex(/[^.]/, NOT_A_NAME),
      ),
    ),
    /** The author: an identity or address. That participant does not get the message. `system` if omitted. */
    author: v.optional(text(256)),
    /** The message's attributes. */
    attributes: v.optional(attributes(), {}),
    /** Makes the call safe to repeat, as for `conversations/send`. */
    idempotencyKey: v.optional(text(128)),
  }),
  mayBeRepeated: ({ idempotencyKey }) => idempotencyKey !== undefined,
  async run(input, { conversations, state, uploadMedia, env, call, log }) {
    const once = { purpose: SENT_BY_CALLER, key: input.idempotencyKey ?? call.requestId };
    const send = async (target: Target) => {
      const { conversation, conversationSid } = target;
      const sendContext = { state, call, ...target };
      const [{ state: currentState, chatServiceSid }, earlier] = await Promise.all([
        conversation.fetch(),
        input.idempotencyKey === undefined ? undefined : findSent(sendContext, once),
      ]);
      if (earlier) return new Reply(200, { status: "existing" as const, ...identifiersOf(earlier) });
      if (currentState === "closed") {
        const message = "A closed conversation stays closed. Create a new one.";
        throw new Conflict("conversation_closed", message, { field: "conversationSid", conversationSid });
      }
      const rules = {
        largestBytes: env.MEDIA_LARGEST_MB * 1024 * 1024,
        types: env.MEDIA_TYPES,
        allowHttp: env.MEDIA_ALLOW_HTTP,
        allowedHosts: env.MEDIA_ALLOWED_HOSTS,
      };
      // The other half of the time is for the upload to Twilio.
      const now = Date.now();
      const { bytes, contentType, filename } = await download(input.url, rules, (now + call.deadline) / 2);
      const upload = { bytes, contentType, filename: input.filename ?? filename };
      const mediaSid = await uploadMedia(sidOf("IS", chatServiceSid), upload);
      const { message } = await sendOnce(
        sendContext,
        once,
        omitUndefined({ mediaSid, body: input.body, author: input.author }),
        { attributes: input.attributes, isNew: true },
      );
      const media = { size: bytes.length, contentType };
      const parts = { author: input.author, body: input.body ?? "", media };
      const warning = await warningFor(conversation, parts, log);
      return new Reply(201, {
        status: "sent" as const,
        ...identifiersOf(message),
        mediaSid,
        ...media,
        ...omitUndefined({ warning }),
      });
    };
    try {
      const target = await targetOf({ conversations, state }, input);
      return await inTurnOfKey({ conversations, state, call, log }, target, input.idempotencyKey, send);
    } catch (error) {
      throw explainTwilioError(error, { field: "conversationSid" });
    }
  },
});

const identifiersOf = ({ conversationSid, sid, index }: MessageInstance) => ({
  conversationSid: sidOf("CH", conversationSid),
  messageSid: sidOf("IM", sid),
  index,
});
