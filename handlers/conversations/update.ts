import type {
  ConversationContext,
  ConversationInstance,
} from "twilio/lib/rest/conversations/v1/conversation.js";
import * as v from "valibot";
import { backEnd } from "../../core/access/back-end.ts";
import { atLeastOne } from "../../core/field-rules.ts";
import { defineHandler } from "../../core/handler.ts";
import { attributes, conversationKey, requireOwn, text } from "../../core/input.ts";
import { state } from "../../core/state/state.ts";
import { inTurn } from "../../core/state/turn.ts";
import { mergeAttributes } from "../../core/twilio/attributes.ts";
import { closeConversation, conversations } from "../../core/twilio/conversations.ts";
import { explainTwilioError } from "../../core/twilio/errors.ts";
import { repeatWhileUncertain } from "../../core/twilio/once.ts";
import { targetOf } from "../../core/twilio/target.ts";

const STATES = ["active", "inactive", "closed"] as const;

/**
 * Changes a conversation's name, attributes or state (docs: Conversation resource). Attributes are merged into those that
 * are there: a JSON Merge Patch (RFC 7396), in which `null` removes a key.
 *
 * Safe to call again: what is so already is not written once more. Attributes are merged in the conversation's turn, so that
 * of several calls each finds what the one before has written. Another program that writes them at the same moment knows
 * nothing of turns: they are read again afterwards, and merged once more where it has overwritten them.
 */
export default defineHandler({
  access: backEnd("conversations:write"),
  use: { conversations, state },
  input: v.pipe(
    v.strictObject({
      /** The conversation. */
      conversationSid: conversationKey(),
      /** Whether it must be one that this deployment has made; otherwise a 409. For names that a chat user could guess. */
      requireOwn: requireOwn(),
      /** Its new name, shown in Twilio's console. */
      friendlyName: v.optional(text(256)),
      /** What is merged into its attributes; `null` removes a key. */
      attributes: v.optional(attributes()),
      /** Its new state. A closed conversation stays closed. */
      state: v.optional(v.picklist(STATES, `must be one of ${STATES.join(", ")}`)),
    }),
    atLeastOne(["friendlyName", "attributes", "state"], "Give friendlyName, attributes or state."),
  ),
  async run({ friendlyName, attributes, state: wanted, ...target }, { conversations, state, call, log }) {
    try {
      const { conversation, conversationSid } = await targetOf({ conversations, state }, target);
      const before = await conversation.fetch();
      const isRenamed = friendlyName !== undefined && friendlyName !== before.friendlyName;
      if (isRenamed) await repeatWhileUncertain(() => conversation.update({ friendlyName }));
      const scope = { conversations, state, call, log };
      const isMerged =
        attributes !== undefined &&
        (await inTurn(scope, conversationSid, () => mergeAttributes(attributes, conversation)));
      // Last, since a closed conversation takes no other change.
      const isMoved = wanted !== undefined && (await moveTo(conversation, wanted, before));
      return {
        status: isRenamed || isMerged || isMoved ? ("updated" as const) : ("unchanged" as const),
        conversationSid,
        /** Its state now. */
        state: wanted ?? before.state,
      };
    } catch (error) {
      throw explainTwilioError(error, { field: "conversationSid" });
    }
  },
});

/** Webhooks are told, as they are of conversations that are closed by a timer. @returns whether this call has done it. */
async function moveTo(
  conversation: ConversationContext,
  state: (typeof STATES)[number],
  before: ConversationInstance,
): Promise<boolean> {
  if (before.state === state) return false;
  if (state === "closed") return (await closeConversation(conversation)) !== undefined;
  await repeatWhileUncertain(() => conversation.update({ state, xTwilioWebhookEnabled: "true" }));
  return true;
}
