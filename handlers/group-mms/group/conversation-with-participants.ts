import type V1 from "twilio/lib/rest/conversations/V1.js";
import type { ConversationWithParticipantsListInstance as Groups } from "twilio/lib/rest/conversations/v1/conversationWithParticipants.js";
import { ConversationWithParticipantsListInstance } from "twilio/lib/rest/conversations/v1/conversationWithParticipants.js";
import type { Resource } from "../../../core/handler.ts";
import { openService, serviceEntries } from "../../../core/twilio/service.ts";

/** Makes conversations together with their participants, in the configured service. */
export const conversationWithParticipants: Resource<Groups> = {
  entries: serviceEntries,
  open(environment) {
    const api = openService(environment);
    return (call) => ConversationWithParticipantsListInstance(api(call) as V1.default);
  },
};
