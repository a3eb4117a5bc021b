import type { Service } from "./account-model.ts";
import type { Conversation, Participant, User } from "./model.ts";
import type { Permission } from "./permissions.ts";
import { permissionRules } from "./rules/permission.ts";

/*
 * Permissions of SDK users ("Role Resource"): of their role in the service, and of their role in a conversation.
 */

/** Whether a user, or their participant, has a permission. */
export function may(
  service: Service,
  user: User,
  participant: Participant | undefined,
  permission: Permission,
): boolean {
  const roles = [user.roleSid, participant?.roleSid ?? ""].map((sid) => service.roles.get(sid));
  return roles.some((role) => role?.permissions.includes(permission));
}

/** Throws when a user lacks a permission in a service. */
export function checkServicePermission(service: Service, user: User, permission: Permission): void {
  if (!may(service, user, undefined, permission)) throw permissionRules.missing();
}

/** A user's participant in a conversation. Throws when there is none. */
export function checkMembership(user: User, conversation: Conversation): Participant {
  const participant = user.memberships.get(conversation.sid);
  if (participant === undefined) throw permissionRules.notMember();
  return participant;
}

/** Throws when a user lacks a permission in a conversation. */
export function checkPermission(user: User, conversation: Conversation, permission: Permission): void {
  const participant = user.memberships.get(conversation.sid);
  if (may(conversation.service, user, participant, permission)) return;
  throw participant === undefined ? permissionRules.notMember() : permissionRules.missing();
}

/** Whether a user may read a conversation: participants, its creator, and users who may join. */
export function maySee(user: User, conversation: Conversation): boolean {
  return (
    user.memberships.has(conversation.sid) ||
    conversation.createdBy === user.identity ||
    may(conversation.service, user, undefined, "joinConversation")
  );
}
