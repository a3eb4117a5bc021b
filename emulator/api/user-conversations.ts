import { isoSeconds } from "../dates.ts";
import { findConversation } from "../domain/conversations.ts";
import { expelParticipant } from "../domain/membership.ts";
import type { Participant, User } from "../domain/model.ts";
import { countUnread } from "../domain/read-horizon.ts";
import { participantRules } from "../domain/rules/participant.ts";
import { updateUserConversation } from "../domain/user-conversations.ts";
import { findUser } from "../domain/users.ts";
import { byKey, listResponse } from "../http/list.ts";
import { type Call, type Handler, notFound, param, readDate } from "./call.ts";
import { presentTimers } from "./conversations.ts";

/** GET /Users/{UserSid}/Conversations/{ConversationSid} */
export const fetch: Handler = (call) => {
  const user = userOf(call);
  return { status: 200, body: present(call, user, membershipOf(call, user)) };
};

/** POST /Users/{UserSid}/Conversations/{ConversationSid} */
export const update: Handler = (call) => {
  const { resources, form, origin } = call;
  const user = userOf(call);
  const membership = membershipOf(call, user);
  const takesReadAway = form.get("LastReadTimestamp") === "null";
  const changes = {
    notificationLevel: form.get("NotificationLevel"),
    lastReadMessageIndex: form.get("LastReadMessageIndex"),
    lastReadTimestamp: takesReadAway
      ? null
      : readDate(call, "LastReadTimestamp", participantRules.lastReadTimestampInvalid),
  };
  updateUserConversation(resources, membership, changes, origin);
  return { status: 200, body: present(call, user, membership) };
};

/** DELETE /Users/{UserSid}/Conversations/{ConversationSid} */
export const remove: Handler = (call) => {
  expelParticipant(call.resources, membershipOf(call, userOf(call)), call.origin);
  return { status: 204 };
};

/** GET /Users/{UserSid}/Conversations, by conversation SID (assumed: the order is not documented). */
export const list: Handler = (call) => {
  const user = userOf(call);
  return listResponse(`${call.base}/Users/${user.sid}/Conversations`, call.query, {
    key: "conversations",
    members: byKey(user.memberships.values(), ({ conversation }) => conversation.sid.slice(2)),
    sidPrefix: "CH",
    defaultSize: 50,
    maxSize: 50,
    present: (membership) => present(call, user, membership),
  });
};

function userOf(call: Call): User {
  const user = findUser(call.service, param(call, "UserSid"));
  if (user === undefined) throw notFound(call);
  return user;
}

function membershipOf(call: Call, user: User): Participant {
  const conversation = findConversation(call.service, param(call, "ConversationSid"));
  const membership = user.memberships.get(conversation?.sid ?? "");
  if (membership === undefined) throw notFound(call);
  return membership;
}

function present(call: Call, user: User, membership: Participant): unknown {
  const { conversation } = membership;
  const conversationUrl = `${call.base}/Conversations/${conversation.sid}`;
  return {
    account_sid: call.resources.account.sid,
    chat_service_sid: call.service.sid,
    conversation_sid: conversation.sid,
    unread_messages_count: countUnread(membership),
    last_read_message_index: membership.lastReadMessageIndex,
    participant_sid: membership.sid,
    user_sid: user.sid,
    friendly_name: conversation.friendlyName,
    conversation_state: conversation.state,
    timers: presentTimers(conversation),
    attributes: conversation.attributes,
    date_created: isoSeconds(conversation.dateCreated),
    date_updated: isoSeconds(conversation.dateUpdated),
    created_by: conversation.createdBy,
    notification_level: membership.notificationLevel,
    unique_name: conversation.uniqueName,
    url: `${call.base}/Users/${user.sid}/Conversations/${conversation.sid}`,
    links: {
      participant: `${conversationUrl}/Participants/${membership.sid}`,
      conversation: conversationUrl,
    },
  };
}
