import { conversationRules } from "../../domain/rules/conversation.ts";
import { messageRules } from "../../domain/rules/message.ts";
import { userRules } from "../../domain/rules/user.ts";
import { webhookRules } from "../../domain/rules/webhook.ts";
import * as conversations from "../conversations.ts";
import * as messages from "../messages.ts";
import * as participants from "../participants.ts";
import * as receipts from "../receipts.ts";
import * as scopedWebhooks from "../scoped-webhooks.ts";
import * as users from "../users.ts";
import type { Row } from "./operation.ts";
import * as may from "./refusals.ts";

const conversation = "/Conversations/{ConversationSid}";
const receiptsPath = `${conversation}/Messages/{MessageSid}/Receipts`;
const userConversation = "/Users/{UserSid}/Conversations/{ConversationSid}";

const ofConversations: readonly Row[] = [
  ["POST", "/Conversations", conversations.create, [may.conversationFields, conversationRules.createdClosed]],
  [
    "GET",
    "/Conversations",
    conversations.list,
    [may.paging, conversationRules.dateRangeInvalid, conversationRules.stateInvalid],
  ],
  ["POST", "/Conversations/{Sid}", conversations.update, [may.conversationFields, may.changeable]],
  ["DELETE", "/Conversations/{Sid}", conversations.remove, may.preAction],
  ["GET", "/Conversations/{Sid}", conversations.fetch],
  ["POST", "/ConversationWithParticipants"],
  ["GET", "/ParticipantConversations"],
];

const ofMessages: readonly Row[] = [
  ["POST", `${conversation}/Messages`, messages.create, [may.messageFields, may.messageContents]],
  ["GET", `${conversation}/Messages`, messages.list, may.paging],
  [
    "POST",
    `${conversation}/Messages/{Sid}`,
    messages.update,
    [may.messageFields, messageRules.mediaBodyNotUpdatable],
  ],
  ["DELETE", `${conversation}/Messages/{Sid}`, messages.remove, may.preAction],
  ["GET", `${conversation}/Messages/{Sid}`, messages.fetch],
  ["GET", receiptsPath, receipts.list, may.paging],
  ["GET", `${receiptsPath}/{Sid}`, receipts.fetch],
];

const ofParticipants: readonly Row[] = [
  [
    "POST",
    `${conversation}/Participants`,
    participants.create,
    [may.dates, may.changeable, may.newParticipant, may.preAction],
  ],
  ["GET", `${conversation}/Participants`, participants.list, may.paging],
  [
    "POST",
    `${conversation}/Participants/{Sid}`,
    participants.update,
    [may.dates, may.changeable, may.participantChanges, may.preAction],
  ],
  ["DELETE", `${conversation}/Participants/{Sid}`, participants.remove, may.preAction],
  ["GET", `${conversation}/Participants/{Sid}`, participants.fetch],
];

const ofWebhooks: readonly Row[] = [
  [
    "POST",
    `${conversation}/Webhooks`,
    scopedWebhooks.create,
    [
      may.changeable,
      may.scopedWebhookFields,
      webhookRules.targetMissing,
      webhookRules.targetInvalid,
      webhookRules.urlMissing,
      webhookRules.filterMissing,
      webhookRules.replayAfterInvalid,
      webhookRules.tooMany,
    ],
  ],
  ["GET", `${conversation}/Webhooks`, scopedWebhooks.list, may.paging],
  ["POST", `${conversation}/Webhooks/{Sid}`, scopedWebhooks.update, may.scopedWebhookFields],
  ["DELETE", `${conversation}/Webhooks/{Sid}`, scopedWebhooks.remove],
  ["GET", `${conversation}/Webhooks/{Sid}`, scopedWebhooks.fetch],
];

const ofRoles: readonly Row[] = [
  ["POST", "/Roles"],
  ["GET", "/Roles"],
  ["POST", "/Roles/{Sid}"],
  ["DELETE", "/Roles/{Sid}"],
  ["GET", "/Roles/{Sid}"],
];

const ofUsers: readonly Row[] = [
  ["POST", "/Users", users.create, [may.identity, may.userFields, userRules.exists]],
  ["GET", "/Users", users.list, may.paging],
  ["POST", "/Users/{Sid}", users.update, [may.userFields, may.preAction]],
  ["DELETE", "/Users/{Sid}", users.remove],
  ["GET", "/Users/{Sid}", users.fetch],
  ["GET", "/Users/{UserSid}/Conversations"],
  ["POST", userConversation],
  ["DELETE", userConversation],
  ["GET", userConversation],
];

/** What exists for the default service under /v1 and for any service under /v1/Services/{ChatServiceSid}. */
export const bothFamilies: readonly Row[] = [
  ...ofConversations,
  ...ofMessages,
  ...ofParticipants,
  ...ofWebhooks,
  ...ofRoles,
  ...ofUsers,
];
