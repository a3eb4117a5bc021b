import { emptyConversation } from "../../domain/conversation-drafts.ts";
import { findConversation, updateConversation } from "../../domain/conversations.ts";
import { ApiError } from "../../domain/errors.ts";
import { byStudio, enterConversation } from "../channel.ts";
import type { Widget } from "../widget.ts";

/** Continues in an existing conversation, in flows that a request has started ("Resume Conversation widget"). */
export const resumeConversation: Widget = {
  properties: {
    conversation_service_sid: "text",
    conversation_sid: "text",
    webhook_filters: "list",
    attributes: "text",
  },
  required: ["conversation_service_sid"],
  events: ["resumed", "failed"],
  async enter(visit) {
    const { resources, execution, note, state } = visit;
    try {
      const service = resources.services.get(visit.text("conversation_service_sid"));
      const conversation = service && findConversation(service, visit.text("conversation_sid"));
      if (conversation === undefined) throw new ApiError(404, 20404, "There is no such conversation");
      const attributes = visit.text("attributes");
      if (attributes !== "")
        await updateConversation(resources, conversation, { ...emptyConversation, attributes }, byStudio);
      return { event: "resumed", result: enterConversation(resources, execution, conversation) };
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      note(`${state.name}: ${error.code}: ${error.message}`);
      return { event: "failed", result: { ErrorCode: error.code, ErrorMessage: error.message } };
    }
  },
};
