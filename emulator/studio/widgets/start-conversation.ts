import { emptyConversation } from "../../domain/conversation-drafts.ts";
import { createConversation } from "../../domain/conversations.ts";
import { ApiError } from "../../domain/errors.ts";
import { addParticipant, emptyParticipant } from "../../domain/participants.ts";
import { byStudio, enterConversation } from "../channel.ts";
import { isObject, type Visit, type Widget } from "../widget.ts";

/** Creates a conversation with one participant, in flows that a request has started ("Start Conversation widget"). */
export const startConversation: Widget = {
  properties: {
    conversation_service_sid: "text",
    participants: "list",
    friendly_name: "text",
    attributes: "text",
    chat_service_sid: "text",
    messaging_service_sid: "text",
    timers: "object",
  },
  required: ["conversation_service_sid", "participants"],
  events: ["created", "failed"],
  async enter(visit) {
    const { resources, execution, note, state } = visit;
    try {
      const service = resources.services.get(visit.text("conversation_service_sid"));
      if (service === undefined) throw new ApiError(404, 20404, "There is no such conversation service");
      const conversation = await createConversation(resources, service, inputOf(visit), byStudio);
      await addParticipant(resources, conversation, participantOf(visit), byStudio);
      return { event: "created", result: enterConversation(resources, execution, conversation) };
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      note(`${state.name}: ${error.code}: ${error.message}`);
      return { event: "failed", result: { ErrorCode: error.code, ErrorMessage: error.message } };
    }
  },
};

function inputOf({ text, state }: Visit) {
  const timers = isObject(state.properties.timers) ? state.properties.timers : {};
  const timer = (name: string) => (typeof timers[name] === "string" ? timers[name] : undefined);
  return {
    ...emptyConversation,
    friendlyName: text("friendly_name") || undefined,
    attributes: text("attributes") || undefined,
    messagingServiceSid: text("messaging_service_sid") || undefined,
    inactiveTimer: timer("inactive"),
    closedTimer: timer("closed"),
  };
}

function participantOf({ state, fill }: Visit) {
  const [given] = (state.properties.participants ?? []) as readonly Readonly<Record<string, unknown>>[];
  const field = (name: string) => (typeof given?.[name] === "string" ? fill(given[name]) : undefined);
  return {
    ...emptyParticipant,
    identity: field("identity"),
    address: field("messaging_binding_address"),
    proxyAddress: field("messaging_binding_proxy_address"),
  };
}
