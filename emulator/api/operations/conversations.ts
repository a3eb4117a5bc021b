import { conversationRules } from "../../domain/rules/conversation.ts";
import { groupRules } from "../../domain/rules/group.ts";
import { messageRules } from "../../domain/rules/message.ts";
import { participantRules } from "../../domain/rules/participant.ts";
import { roleRules } from "../../domain/rules/role.ts";
import { userRules } from "../../domain/rules/user.ts";
import { webhookRules } from "../../domain/rules/webhook.ts";
import * as channelMetadata from "../channel-metadata.ts";
import * as conversationWithParticipants from "../conversation-with-participants.ts";
import * as conversations from "../conversations.ts";
import * as messages from "../messages.ts";
import * as participantConversations from "../participant-conversations.ts";
import * as participants from "../participants.ts";
import * as receipts from "../receipts.ts";
import * as roles from "../roles.ts";
import * as scopedWebhooks from "../scoped-webhooks.ts";
import * as userConversations from "../user-conversations.ts";
import * as users from "../users.ts";
import type { Row } from "./operation.ts";
import * as may from "./refusals.ts";

const conversation = "/Conversations/{ConversationSid}";
const receiptsPath = `${conversation}/Messages/{MessageSid}/Receipts`;
const userConversation = "/Users/{UserSid}/Conversations/{ConversationSid}";

const ofConversations: readonly Row[] = [
  [
    "POST",
    "/Conversations",
    conversations.create,
    [may.conversationFields, conversationRules.createdClosed],
    { countedPer: "service" },
  ],
  [
    "GET",
    "/Conversations",
    conversations.list,
    [may.paging, conversationRules.dateRangeInvalid, conversationRules.stateInvalid],
  ],
  [
    "POST",
    "/Conversations/{Sid}",
    conversations.update,
    [may.conversationFields, may.changeable, conversationRules.nothingToUpdate],
    { countedPer: "conversation" },
  ],
  [
    "DELETE",
    "/Conversations/{Sid}",
    conversations.remove,
    [may.preAction, conversationRules.initializing],
    { countedPer: "service" },
  ],
  ["GET", "/Conversations/{Sid}", conversations.fetch],
  [
    "POST",
    "/ConversationWithParticipants",
    conversationWithParticipants.create,
    [
      may.conversationFields,
      conversationRules.createdClosed,
      may.oneParticipant,
      participantRules.tooManyInRequest,
      participantRules.jsonInvalid,
      participantRules.participantExists,
      participantRules.identityInTooManyConversations,
      participantRules.somePairsInUse,
      groupRules.memberExists,
      groupRules.projectedMissing,
      groupRules.activationFailed,
      groupRules.exists,
    ],
    // Counted like creating a conversation (assumed).
    { countedPer: "service" },
  ],
  [
    "GET",
    "/ParticipantConversations",
    participantConversations.list,
    [may.paging, participantRules.lookupByBoth],
  ],
];

const ofMessages: readonly Row[] = [
  [
    "POST",
    `${conversation}/Messages`,
    messages.create,
    [may.messageFields, may.messageContents],
    { countedPer: "conversation" },
  ],
  ["GET", `${conversation}/Messages`, messages.list, may.paging],
  [
    "POST",
    `${conversation}/Messages/{Sid}`,
    messages.update,
    [may.messageFields, messageRules.mediaBodyNotUpdatable],
    { countedPer: "conversation" },
  ],
  [
    "DELETE",
    `${conversation}/Messages/{Sid}`,
    messages.remove,
    may.preAction,
    { countedPer: "conversation" },
  ],
  ["GET", `${conversation}/Messages/{Sid}`, messages.fetch],
  [
    "GET",
    `${conversation}/Messages/{MessageSid}/ChannelMetadata`,
    channelMetadata.fetch,
    [messageRules.channelMetadataNotFound],
  ],
  ["GET", receiptsPath, receipts.list, may.paging],
  ["GET", `${receiptsPath}/{Sid}`, receipts.fetch],
];

const ofParticipants: readonly Row[] = [
  [
    "POST",
    `${conversation}/Participants`,
    participants.create,
    [may.dates, may.changeable, may.newParticipant, may.preAction],
    { countedPer: "conversation" },
  ],
  ["GET", `${conversation}/Participants`, participants.list, may.paging],
  [
    "POST",
    `${conversation}/Participants/{Sid}`,
    participants.update,
    [may.dates, may.changeable, may.participantChanges, may.preAction],
    { countedPer: "conversation" },
  ],
  [
    "DELETE",
    `${conversation}/Participants/{Sid}`,
    participants.remove,
    may.preAction,
    { countedPer: "conversation" },
  ],
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
      webhookRules.triggerMissing,
      webhookRules.replayAfterInvalid,
      webhookRules.tooMany,
    ],
  ],
  ["GET", `${conversation}/Webhooks`, scopedWebhooks.list, may.paging],
  [
    "POST",
    `${conversation}/Webhooks/{Sid}`,
    scopedWebhooks.update,
    [may.scopedWebhookFields, conversationRules.initializing],
  ],
  ["DELETE", `${conversation}/Webhooks/{Sid}`, scopedWebhooks.remove, [conversationRules.initializing]],
  ["GET", `${conversation}/Webhooks/{Sid}`, scopedWebhooks.fetch],
];

const ofRoles: readonly Row[] = [
  [
    "POST",
    "/Roles",
    roles.create,
    [may.requiredName, may.permissions, roleRules.typeInvalid],
    { countedPer: "service" },
  ],
  ["GET", "/Roles", roles.list, may.paging],
  ["POST", "/Roles/{Sid}", roles.update, may.permissions, { countedPer: "service" }],
  ["DELETE", "/Roles/{Sid}", roles.remove, [roleRules.inUse], { countedPer: "service" }],
  ["GET", "/Roles/{Sid}", roles.fetch],
];

const ofUsers: readonly Row[] = [
  [
    "POST",
    "/Users",
    users.create,
    [may.identity, may.userFields, userRules.exists],
    { countedPer: "service" },
  ],
  ["GET", "/Users", users.list, may.paging],
  ["POST", "/Users/{Sid}", users.update, [may.userFields, may.preAction], { countedPer: "service" }],
  ["DELETE", "/Users/{Sid}", users.remove, [], { countedPer: "service" }],
  ["GET", "/Users/{Sid}", users.fetch],
  ["GET", "/Users/{UserSid}/Conversations", userConversations.list, may.paging],
  ["POST", userConversation, userConversations.update, [may.readHorizon, userRules.notificationLevelInvalid]],
  ["DELETE", userConversation, userConversations.remove],
  ["GET", userConversation, userConversations.fetch],
];

/** Operations that exist for the default service under /v1 and for any service under /v1/Services/{ChatServiceSid}. */
export const bothFamilies: readonly Row[] = [
  ...ofConversations,
  ...ofMessages,
  ...ofParticipants,
  ...ofWebhooks,
  ...ofRoles,
  ...ofUsers,
];
