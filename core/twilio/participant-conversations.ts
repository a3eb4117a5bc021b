import type V1 from "twilio/lib/rest/conversations/V1.js";
import type {
  ParticipantConversationInstance,
  ParticipantConversationListInstance as ParticipantConversations,
} from "twilio/lib/rest/conversations/v1/participantConversation.js";
import { ParticipantConversationListInstance } from "twilio/lib/rest/conversations/v1/participantConversation.js";
import type { Resource } from "../handler.ts";
import { openService, serviceEntries } from "./service.ts";

/** The conversations of an identity or an address in the configured service. */
export const participantConversations: Resource<ParticipantConversations> = {
  entries: serviceEntries,
  open(environment) {
    const api = openService(environment);
    return (call) => ParticipantConversationListInstance(api(call) as V1.default);
  },
};

/** Whether messages can be sent in it. */
export const isOpen = ({ conversationState }: ParticipantConversationInstance): boolean =>
  conversationState !== "closed";

/** Sorts by creation, and within one second by SID, so that the order is always the same. */
export function newestFirst(a: ParticipantConversationInstance, b: ParticipantConversationInstance): number {
  const age = b.conversationDateCreated.getTime() - a.conversationDateCreated.getTime();
  return age === 0 ? a.conversationSid.localeCompare(b.conversationSid) : age;
}
