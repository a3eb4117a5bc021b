import type { ConversationInstance } from "twilio/lib/rest/conversations/v1/conversation.js";
import * as v from "valibot";
import { backEnd } from "../../core/access/back-end.ts";
import { Conflict } from "../../core/errors.ts";
import { defineHandler, Reply } from "../../core/handler.ts";
import { attributes, text, uniqueName } from "../../core/input.ts";
import { omitUndefined } from "../../core/omit-undefined.ts";
import { sidOf } from "../../core/sid.ts";
import { record } from "../../core/state/record.ts";
import { state } from "../../core/state/state.ts";
import { closedTimer, inactiveTimer } from "../../core/timers.ts";
import { conversations } from "../../core/twilio/conversations.ts";
import { makeOrFind } from "../../core/twilio/make-conversation.ts";

/** The record of a conversation that this endpoint has created: the request id of the call. */
const created = record("created", v.object({ madeBy: v.string() }));

/**
 * Creates an empty conversation (docs: Conversation resource). Webhooks are called for it, so that `webhooks/post-event`
 * routes it.
 *
 * Safe to call again: the conversation with the unique name is answered as `existing`, also when it has been closed since.
 * Of two concurrent calls one create succeeds. A conversation with that name that another endpoint, a chat user or another
 * program has created is a 409.
 */
export default defineHandler({
  access: backEnd("conversations:write"),
  use: { conversations, state },
  input: v.strictObject({
    /** The conversation's unique name, by which a repeated call finds it, such as an order's number, or `{{flow.sid}}` in a flow. */
    uniqueName: uniqueName(),
    /** The conversation's name, shown in Twilio's console. */
    friendlyName: v.optional(text(256)),
    /** The conversation's attributes. */
    attributes: v.optional(attributes(), {}),
    /** As for `conversations/set-timers`. */
    inactive: v.optional(inactiveTimer()),
    /** As for `conversations/set-timers`. */
    closed: v.optional(closedTimer()),
  }),
  mayBeRepeated: () => true,
  async run(input, { conversations, state, call }) {
    const { uniqueName } = input;
    const own = { madeBy: call.requestId };
    const found = await makeOrFind({ conversations, call }, uniqueName, {
      xTwilioWebhookEnabled: "true",
      attributes: state.forConversation(created, { uniqueName }, own, input.attributes),
      // Timers must be set together with a state (error 50382).
      state: "active",
      ...omitUndefined({
        friendlyName: input.friendlyName,
        "timers.inactive": input.inactive,
        "timers.closed": input.closed,
      }),
    });
    if (found === undefined) {
      throw new Conflict("conflict", "The conversation was deleted meanwhile. Try again.", {
        field: "uniqueName",
      });
    }
    const madeBy = state.ofConversation(created, found)?.madeBy;
    if (madeBy === undefined) {
      const message =
        "uniqueName belongs to a conversation that this endpoint has not created. Choose another one.";
      const conversationSid = sidOf("CH", found.sid);
      throw new Conflict("unique_name_taken", message, { field: "uniqueName", conversationSid });
    }
    return madeBy === own.madeBy ? new Reply(201, answer("created", found)) : answer("existing", found);
  },
});

const answer = (status: "created" | "existing", { sid, uniqueName, state }: ConversationInstance) => ({
  status,
  conversationSid: sidOf("CH", sid),
  uniqueName,
  state,
});
