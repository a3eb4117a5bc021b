import type { Role } from "./account-model.ts";

const common = [
  "addParticipant",
  "deleteAnyMessage",
  "deleteConversation",
  "editAnyMessage",
  "editAnyMessageAttributes",
  "editAnyUserInfo",
  "editConversationAttributes",
  "editConversationName",
  "editOwnMessage",
  "editOwnMessageAttributes",
  "editOwnUserInfo",
  "removeParticipant",
  // Not on the page: seen in what a Terraform provider accepts, and in error 50531.
  "addNonChatParticipant",
  "editAnyParticipantAttributes",
  "editOwnParticipantAttributes",
  "editNotificationLevel",
  "readChannelMetadata",
];

/** What roles of the type `service` may hold ("Role Resource"). */
export const servicePermissions: ReadonlySet<string> = new Set([
  ...common,
  "createConversation",
  "joinConversation",
]);

/** What roles of the type `conversation` may hold ("Role Resource"). */
export const conversationPermissions: ReadonlySet<string> = new Set([
  ...common,
  "deleteOwnMessage",
  "leaveConversation",
  "sendMediaMessage",
  "sendMessage",
]);

const memberPermissions = [
  "sendMessage",
  "sendMediaMessage",
  "leaveConversation",
  "editOwnMessage",
  "editOwnMessageAttributes",
  "deleteOwnMessage",
];
const userPermissions = ["createConversation", "joinConversation", "editOwnUserInfo"];

/**
 * The roles that every service begins with. Their names are documented (chat permissions page); the exact
 * permissions of a new account are not published and are assumed here.
 */
export const defaultRoles: readonly Pick<Role, "friendlyName" | "type" | "permissions">[] = [
  {
    friendlyName: "service admin",
    type: "service",
    permissions: [
      ...userPermissions,
      "addParticipant",
      "removeParticipant",
      "deleteConversation",
      "editConversationName",
      "editConversationAttributes",
      "deleteAnyMessage",
      "editAnyMessage",
      "editAnyMessageAttributes",
      "editAnyUserInfo",
    ],
  },
  { friendlyName: "service user", type: "service", permissions: userPermissions },
  {
    friendlyName: "channel admin",
    type: "conversation",
    permissions: [
      ...memberPermissions,
      "addParticipant",
      "removeParticipant",
      "deleteConversation",
      "editConversationName",
      "editConversationAttributes",
      "deleteAnyMessage",
      "editAnyMessage",
      "editAnyMessageAttributes",
    ],
  },
  { friendlyName: "channel user", type: "conversation", permissions: memberPermissions },
];
