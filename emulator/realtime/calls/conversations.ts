import { isoMillis } from "../../dates.ts";
import { type ConversationInput, emptyConversation } from "../../domain/conversation-drafts.ts";
import { createConversation, removeConversation, updateConversation } from "../../domain/conversations.ts";
import { checkPermission, checkServicePermission } from "../../domain/grants.ts";
import type { Conversation } from "../../domain/model.ts";
import { countUnread } from "../../domain/read-horizon.ts";
import { aim, conversationOf, type SdkCall, type SdkHandler, textOf } from "../call.ts";
import { objectsOf } from "../objects.ts";

/** POST /Client/v2/Conversations. The creator does not join the conversation. */
export const create: SdkHandler = async (call) => {
  const { resources, service, user, origin } = call;
  checkServicePermission(service, user, "createConversation");
  const conversation = await createConversation(resources, service, input(call), origin);
  return { status: 201, body: present(call, conversation) };
};

/** GET /Client/v2/Conversations/{Conversation} */
export const fetch: SdkHandler = (call) => ({ status: 200, body: present(call, conversationOf(call)) });

/** POST /Client/v2/Conversations/{Conversation} */
export const update: SdkHandler = async (call) => {
  const { resources, user, origin } = call;
  const conversation = conversationOf(call);
  const changes = input(call);
  const isNamed = changes.friendlyName !== undefined || changes.uniqueName !== undefined;
  if (isNamed) checkPermission(user, conversation, "editConversationName");
  if (!isNamed || changes.attributes !== undefined)
    checkPermission(user, conversation, "editConversationAttributes");
  await updateConversation(resources, conversation, changes, origin);
  return { status: 200, body: present(call, conversation) };
};

/** DELETE /Client/v2/Conversations/{Conversation} */
export const remove: SdkHandler = async (call) => {
  const conversation = conversationOf(call);
  checkPermission(call.user, conversation, "deleteConversation");
  await removeConversation(call.resources, conversation, call.origin);
  return { status: 204 };
};

function input(call: SdkCall): ConversationInput {
  return {
    ...emptyConversation,
    friendlyName: textOf(call, "friendly_name"),
    uniqueName: textOf(call, "unique_name"),
    attributes: textOf(call, "attributes"),
  };
}

/** A conversation as a user sees it. */
export function present({ user }: Pick<SdkCall, "user">, conversation: Conversation) {
  const { sid, messages, participants } = conversation;
  const url = `${aim}/Conversations/${sid}`;
  const objects = objectsOf(conversation);
  const membership = user.memberships.get(sid);
  return {
    sid,
    conversation_sid: sid,
    status: membership === undefined ? "notParticipating" : "joined",
    friendly_name: conversation.friendlyName,
    unique_name: conversation.uniqueName,
    attributes: conversation.attributes,
    created_by: conversation.createdBy,
    date_created: isoMillis(conversation.dateCreated),
    date_updated: isoMillis(conversation.dateUpdated),
    url,
    links: { participants: `${url}/Participants`, messages: `${url}/Messages` },
    sync_objects: {
      conversation: objects.document,
      messages: objects.messages,
      participants: objects.roster,
    },
    messages_count: messages.size,
    participants_count: participants.size,
    last_read_message_index: membership?.lastReadMessageIndex ?? null,
    notification_level: membership?.notificationLevel ?? "default",
    unread_messages_count: membership === undefined ? null : countUnread(membership),
  };
}
