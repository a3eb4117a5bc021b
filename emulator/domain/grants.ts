import type { Service } from "./account-model.ts";
import type { Conversation, Participant, User } from "./model.ts";
import type { Permission } from "./permissions.ts";
import { permissionRules } from "./rules/permission.ts";

/*
 * What SDK users may do ("Role Resource"): what their role in the service allows, and in a conversation what their
 * role there does.
 */

/** Whether a user, as a participant where there is one, may do something. */
export function may(
  service: Service,
  user: User,
  participant: Participant | undefined,
  permission: Permission,
): boolean {
  const roles = [user.roleSid, participant?.roleSid ?? ""].map((sid) => service.roles.get(sid));
  return roles.some((role) => role?.permissions.includes(permission));
}

/** Refuses a user who may not do something in a service. */
export function checkServicePermission(service: Service, user: User, permission: Permission): void {
  if (!may(service, user, undefined, permission)) throw permissionRules.missing();
}

/** The participant that a user is in a conversation; refuses who is none. */
export function checkMembership(user: User, conversation: Conversation): Participant {
  const participant = user.memberships.get(conversation.sid);
  if (participant === undefined) throw permissionRules.notMember();
  return participant;
}

/** Refuses a user who may not do something in a conversation. */
export function checkPermission(user: User, conversation: Conversation, permission: Permission): void {
  const participant = user.memberships.get(conversation.sid);
  if (may(conversation.service, user, participant, permission)) return;
  throw participant === undefined ? permissionRules.notMember() : permissionRules.missing();
}

/** Whether a user may look at a conversation: its members, who made it, and who may join. */
export function maySee(user: User, conversation: Conversation): boolean {
  return (
    user.memberships.has(conversation.sid) ||
    conversation.createdBy === user.identity ||
    may(conversation.service, user, undefined, "joinConversation")
  );
}
