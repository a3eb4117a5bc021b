import type V1 from "twilio/lib/rest/conversations/V1.js";
import type {
  ConversationContext,
  ConversationListInstance as Conversations,
} from "twilio/lib/rest/conversations/v1/conversation.js";
import { ConversationListInstance } from "twilio/lib/rest/conversations/v1/conversation.js";
import * as v from "valibot";
import { readEnvironment, sidVariable } from "../environment.ts";
import type { Resource } from "../handler.ts";
import { accountEntries, openApi } from "./account.ts";

const entries = { CHAT_SERVICE_SID: v.optional(sidVariable("IS")) };

/**
 * Conversations of the service in `CHAT_SERVICE_SID`, or of the account's default one, with the official package's
 * types and methods: `conversations.create(…)`, `conversations(sid).messages.create(…)`.
 */
export const conversations: Resource<Conversations> = {
  entries: { ...accountEntries, ...entries },
  open(environment) {
    const { CHAT_SERVICE_SID } = readEnvironment(entries, environment);
    // The service-scoped resources have the same shape below a longer path.
    const path = CHAT_SERVICE_SID === undefined ? "v1" : `v1/Services/${CHAT_SERVICE_SID}`;
    const api = openApi(environment, "conversations", path);
    return (call) => ConversationListInstance(api(call) as V1.default);
  },
};

/** A conversation by its SID or unique name. A unique name may hold characters that mean something in a URL. */
export const conversationOf = (conversations: Conversations, sidOrUniqueName: string): ConversationContext =>
  conversations(encodeURIComponent(sidOrUniqueName));
