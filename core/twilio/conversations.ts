import type V1 from "twilio/lib/rest/conversations/V1.js";
import type {
  ConversationContext,
  ConversationInstance,
  ConversationListInstance as Conversations,
} from "twilio/lib/rest/conversations/v1/conversation.js";
import { ConversationListInstance } from "twilio/lib/rest/conversations/v1/conversation.js";
import type { Resource } from "../handler.ts";
import { isTwilioError } from "./errors.ts";
import { repeatWhileUncertain } from "./once.ts";
import { openService, serviceEntries } from "./service.ts";

/**
 * Conversations of the configured service, with the official package's types and methods:
 * `conversations.create(…)`, `conversations(sid).messages.create(…)`.
 */
export const conversations: Resource<Conversations> = {
  entries: serviceEntries,
  open(environment) {
    const api = openService(environment);
    return (call) => ConversationListInstance(api(call) as V1.default);
  },
};

/** A conversation by its SID or unique name. A unique name may contain characters that are special in a URL. */
export const conversationOf = (conversations: Conversations, sidOrUniqueName: string): ConversationContext =>
  conversations(encodeURIComponent(sidOrUniqueName));

/**
 * Closes a conversation for good. Webhooks are called for it, unlike for other changes by the REST API: archiving depends
 * on that.
 *
 * @returns it, or `undefined` when it was closed already (error 50377).
 */
export async function closeConversation(
  conversation: ConversationContext,
): Promise<ConversationInstance | undefined> {
  const close = () => conversation.update({ state: "closed", xTwilioWebhookEnabled: "true" });
  return repeatWhileUncertain(close).catch((error: unknown) => {
    if (!isTwilioError(error, { code: 50377 })) throw error;
    return undefined;
  });
}
