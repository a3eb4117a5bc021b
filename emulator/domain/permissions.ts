import type { Role } from "./account-model.ts";

/** The permissions of a role. */
export type Permission =
  | (typeof common)[number]
  | (typeof ofServices)[number]
  | (typeof ofConversations)[number];

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
  // Not on the page: observed in a Terraform provider, and in error 50531.
  "addNonChatParticipant",
  "editAnyParticipantAttributes",
  "editOwnParticipantAttributes",
  "editNotificationLevel",
  "readChannelMetadata",
] as const;
const ofServices = ["createConversation", "joinConversation"] as const;
const ofConversations = ["deleteOwnMessage", "leaveConversation", "sendMediaMessage", "sendMessage"] as const;

/** What roles of the type `service` may hold ("Role Resource"). */
export const servicePermissions: ReadonlySet<string> = new Set([...common, ...ofServices]);

/** What roles of the type `conversation` may hold ("Role Resource"). */
export const conversationPermissions: ReadonlySet<string> = new Set([...common, ...ofConversations]);

const memberPermissions = [
  "sendMessage",
  "sendMediaMessage",
  "leaveConversation",
  "editNotificationLevel",
  "editOwnParticipantAttributes",
  "editOwnMessage",
  "editOwnMessageAttributes",
  "deleteOwnMessage",
];
const userPermissions = ["createConversation", "joinConversation", "editOwnUserInfo"];

/**
 * The initial roles of every service. Their names are documented (chat permissions page); the permissions in a new account
 * are not published, and are assumed from applications that create these roles themselves.
 */
export const defaultRoles = {
  serviceAdmin: {
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
      "editAnyParticipantAttributes",
      "editAnyUserInfo",
    ],
  },
  serviceUser: { friendlyName: "service user", type: "service", permissions: userPermissions },
  channelAdmin: {
    friendlyName: "channel admin",
    type: "conversation",
    permissions: [
      ...memberPermissions,
      "addParticipant",
      "addNonChatParticipant",
      "removeParticipant",
      "deleteConversation",
      "editConversationName",
      "editConversationAttributes",
      "deleteAnyMessage",
      "editAnyMessage",
      "editAnyMessageAttributes",
      "editAnyParticipantAttributes",
    ],
  },
  channelUser: { friendlyName: "channel user", type: "conversation", permissions: memberPermissions },
} as const satisfies Readonly<Record<string, Pick<Role, "friendlyName" | "type" | "permissions">>>;
