import type V1 from "twilio/lib/rest/conversations/V1.js";
import type { UserConversationListInstance as UserConversations } from "twilio/lib/rest/conversations/v1/user/userConversation.js";
import { UserConversationListInstance } from "twilio/lib/rest/conversations/v1/user/userConversation.js";
import type { Resource } from "../handler.ts";
import { openService, serviceEntries } from "./service.ts";

/** The conversations of a user, by identity, with their unread counts. */
export const userConversations: Resource<(identity: string) => UserConversations> = {
  entries: serviceEntries,
  open(environment) {
    const api = openService(environment);
    return (call) => (identity) =>
      UserConversationListInstance(api(call) as V1.default, encodeURIComponent(identity));
  },
};
