import type { Sid } from "../sid.ts";
import type { Role, Service } from "./account-model.ts";
import { checkRequiredName, nameLimits } from "./attributes.ts";
import { conversationPermissions, defaultRoles, servicePermissions } from "./permissions.ts";
import type { Resources } from "./resources.ts";
import { roleRules } from "./rules/role.ts";

/** The default roles with SIDs of their own, in the order service admin, service user, channel admin, channel user. */
export function createDefaultRoles(nextSid: Resources["ids"]["sid"], now: number) {
  const create = (role: (typeof defaultRoles)[keyof typeof defaultRoles], seq: number): Role => ({
    ...role,
    permissions: [...role.permissions],
    sid: nextSid("RL"),
    seq,
    holders: 0,
    dateCreated: now,
    dateUpdated: now,
  });
  const { serviceAdmin, serviceUser, channelAdmin, channelUser } = defaultRoles;
  return {
    serviceAdmin: create(serviceAdmin, 0),
    serviceUser: create(serviceUser, 1),
    channelAdmin: create(channelAdmin, 2),
    channelUser: create(channelUser, 3),
  };
}

/** Parameters of a new role; undefined or an empty list when omitted. */
export interface RoleInput {
  readonly friendlyName: string | undefined;
  readonly type: string | undefined;
  readonly permissions: readonly string[];
}

/** Creates a role: a name of at most 64 characters, `conversation` or `service`, and permissions of that type. */
export function createRole(resources: Resources, service: Service, input: RoleInput): Role {
  const friendlyName = checkRequiredName(input.friendlyName, nameLimits.roleOrCredential);
  const type = checkType(input.type);
  const permissions = checkPermissions(type, input.permissions);
  const now = resources.clock.now();
  const role: Role = {
    sid: resources.ids.sid("RL"),
    seq: service.roles.nextSeq(),
    friendlyName,
    type,
    permissions,
    holders: 0,
    dateCreated: now,
    dateUpdated: now,
  };
  service.roles.add(role);
  return role;
}

/** Replaces all permissions of a role. */
export function updateRole(resources: Resources, role: Role, permissions: readonly string[]): void {
  role.permissions = checkPermissions(role.type, permissions);
  role.dateUpdated = resources.clock.now();
}

/** Deletes a role without holders that is not a default of its service. */
export function removeRole(service: Service, role: Role): void {
  const isDefault = Object.values(service.defaultRoles).includes(role.sid);
  if (isDefault || role.holders > 0) throw roleRules.inUse();
  service.roles.delete(role);
}

/** Checks the SID of a role: of the service, and of the type for its holder. */
export function checkRole(service: Service, sid: string, type: Role["type"]): Sid<"RL"> {
  const role = service.roles.get(sid);
  if (role === undefined) throw roleRules.notFound();
  if (role.type === type) return role.sid;
  throw type === "conversation" ? roleRules.notForConversations() : roleRules.notForServices();
}

/** Adds to the number of holders of a role. */
export function countHolder(service: Service, sid: Sid<"RL"> | null, change: 1 | -1): void {
  const role = sid === null ? undefined : service.roles.get(sid);
  if (role !== undefined) role.holders += change;
}

function checkType(type: string | undefined): Role["type"] {
  const lower = type?.toLowerCase();
  if (lower !== "conversation" && lower !== "service") throw roleRules.typeInvalid();
  return lower;
}

function checkPermissions(type: Role["type"], permissions: readonly string[]): readonly string[] {
  const given = permissions.filter((permission) => permission !== "");
  if (given.length === 0) throw roleRules.permissionMissing();
  const known = type === "conversation" ? conversationPermissions : servicePermissions;
  if (given.some((permission) => !known.has(permission))) throw roleRules.permissionNotFound();
  return [...new Set(given)];
}
