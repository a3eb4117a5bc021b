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
 * Changes a conversation's name, attributes or state (docs: Conversation resource). Attributes are merged into the
 * existing ones: a JSON Merge Patch (RFC 7396), in which `null` removes a key.
 *
 * Safe to call again: unchanged values are not written again. Calls that merge attributes of one conversation run one after
 * the other, so that each reads the result of the one before. Other programs may overwrite them at the same time:
 * attributes are read again afterwards, and merged again if that has happened.
 */
export default defineHandler({
  access: backEnd("conversations:write"),
  use: { conversations, state },
  input: v.pipe(
    v.strictObject({
      /** The conversation. */
      conversationSid: conversationKey(),
      /** Whether this deployment must have created it; otherwise a 409. For unique names that a chat user could guess. */
      requireOwn: requireOwn(),
      /** Its new name, shown in Twilio's console. */
      friendlyName: v.optional(text(256)),
      /** Merged into its attributes; `null` removes a key. */
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
      const turnContext = { conversations, state, call, log };
      const isMerged =
        attributes !== undefined &&
        (await inTurn(turnContext, conversationSid, () => mergeAttributes(attributes, conversation)));
      // Last, since a closed conversation cannot be changed.
      const hasNewState = wanted !== undefined && (await setState(conversation, wanted, before));
      return {
        status: isRenamed || isMerged || hasNewState ? ("updated" as const) : ("unchanged" as const),
        conversationSid,
        /** Its state now. */
        state: wanted ?? before.state,
      };
    } catch (error) {
      throw explainTwilioError(error, { field: "conversationSid" });
    }
  },
});

/** Webhooks are called, as when a timer changes the state. @returns whether this call has changed it. */
async function setState(
  conversation: ConversationContext,
  state: (typeof STATES)[number],
  before: ConversationInstance,
): Promise<boolean> {
  if (before.state === state) return false;
  if (state === "closed") return (await closeConversation(conversation)) !== undefined;
  await repeatWhileUncertain(() => conversation.update({ state, xTwilioWebhookEnabled: "true" }));
  return true;
}
