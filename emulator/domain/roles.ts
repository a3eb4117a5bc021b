import type { Role, Service } from "./model.ts";
import { requestRules } from "./rules/request.ts";
import type { World } from "./world.ts";

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
const defaultRoles: readonly Pick<Role, "friendlyName" | "type" | "permissions">[] = [
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

/** The default roles with SIDs of their own, in the order service admin, service user, channel admin, channel user. */
export function createDefaultRoles(nextSid: World["ids"]["sid"]): readonly Role[] {
  return defaultRoles.map((role, seq) => ({ ...role, sid: nextSid("RL"), seq }));
}

/** Passes the SID of a role of the service. */
export function checkRole(service: Service, sid: string): string {
  if (service.roles.get(sid) === undefined) throw requestRules.roleNotFound();
  return sid;
}
