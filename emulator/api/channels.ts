import { isoSeconds } from "../dates.ts";
import { migrateChannel } from "../domain/chat-channels.ts";
import { emptyConversation } from "../domain/conversation-drafts.ts";
import { findConversation, updateConversation } from "../domain/conversations.ts";
import type { Conversation } from "../domain/model.ts";
import { conversationRules } from "../domain/rules/conversation.ts";
import { type Call, type Handler, notFound, param } from "./call.ts";

/**
 * POST /v3/Services/{ServiceSid}/Channels/{Sid} of the Chat API: makes a Programmable Chat channel available as a
 * conversation ("Chat Channel Migration Resource"). Here every channel is a conversation already, so that it only
 * sets the messaging service.
 */
export const update: Handler = async (call) => {
  const sid = param(call, "Sid");
  const existing = findConversation(call.service, sid);
  if (existing === undefined && !call.resources.chatChannels.has(sid)) throw notFound(call);
  if (call.form.get("Type")?.toLowerCase() !== "private") throw conversationRules.typeNotPrivate();
  const conversation = existing ?? (await migrateChannel(call.resources, call.service, sid));
  if (conversation === undefined) throw notFound(call);
  const messagingServiceSid = call.form.get("MessagingServiceSid") ?? conversation.messagingServiceSid;
  const changes = { ...emptyConversation, messagingServiceSid };
  await updateConversation(call.resources, conversation, changes, call.origin);
  return { status: 200, body: present(call, conversation) };
};

function present(call: Call, conversation: Conversation): unknown {
  return {
    sid: conversation.sid,
    account_sid: call.resources.account.sid,
    service_sid: call.service.sid,
    messaging_service_sid: conversation.messagingServiceSid,
    friendly_name: conversation.friendlyName,
    unique_name: conversation.uniqueName,
    attributes: conversation.attributes,
    type: "private",
    date_created: isoSeconds(conversation.dateCreated),
    date_updated: isoSeconds(conversation.dateUpdated),
    created_by: conversation.createdBy,
    members_count: conversation.participants.size,
    messages_count: conversation.messages.size,
    url: `${call.base}/Channels/${conversation.sid}`,
  };
}
