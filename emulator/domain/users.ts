import type { Service } from "./account-model.ts";
import { attributeLimits, checkAttributes, checkFriendlyName } from "./attributes.ts";
import { throughGate } from "./gate.ts";
import { checkIdentity } from "./identity.ts";
import { expelParticipant } from "./membership.ts";
import type { Origin, User } from "./model.ts";
import { removeBindingsOf } from "./push-bindings.ts";
import type { Resources } from "./resources.ts";
import { checkRole, countHolder } from "./roles.ts";
import { requestRules } from "./rules/request.ts";
import { userRules } from "./rules/user.ts";
import { checkServicePresent } from "./states.ts";

/** Parameters of a user; undefined when omitted. */
export interface UserInput {
  readonly friendlyName: string | undefined;
  readonly attributes: string | undefined;
  readonly roleSid: string | undefined;
}

/** Creates a user. An identity exists once per service. */
export function createUser(
  resources: Resources,
  service: Service,
  identity: string | undefined,
  input: UserInput,
  origin: Origin,
): User {
  const checked = checkIdentity(identity);
  const friendlyName = checkFriendlyName(input.friendlyName ?? null);
  const attributes = checkAttributes(input.attributes, attributeLimits.user);
  const roleSid = checkRole(service, input.roleSid ?? service.defaultRoles.service, "service");
  if (service.usersByIdentity.has(checked)) throw userRules.exists();
  const now = resources.clock.now();
  const user: User = {
    sid: resources.ids.sid("US"),
    seq: service.users.nextSeq(),
    identity: checked,
    friendlyName,
    attributes,
    roleSid,
    memberships: new Map(),
    openMemberships: 0,
    online: false,
    seenOnline: false,
    everRegistered: false,
    badge: 0,
    dateCreated: now,
    dateUpdated: now,
  };
  service.users.add(user);
  countHolder(service, roleSid, 1);
  service.usersByIdentity.set(checked, user);
  resources.publish({ type: "onUserAdded", at: now, origin, service, user });
  return user;
}

/** The user with an identity; creates it if there is none, as adding a chat participant does. */
export function ensureUser(resources: Resources, service: Service, identity: string, origin: Origin): User {
  const nothing = { friendlyName: undefined, attributes: undefined, roleSid: undefined };
  return service.usersByIdentity.get(identity) ?? createUser(resources, service, identity, nothing, origin);
}

/** Finds a user by SID or identity. */
export function findUser(service: Service, sidOrIdentity: string): User | undefined {
  return service.users.get(sidOrIdentity) ?? service.usersByIdentity.get(sidOrIdentity);
}

/** Changes a user's name, attributes or role. */
export function updateUser(
  resources: Resources,
  service: Service,
  user: User,
  input: UserInput,
  origin: Origin,
): Promise<void> {
  return throughGate(resources, {
    prepare: () => draftUpdate(resources, service, user, input),
    describe: (draft) => ({ type: "onUserUpdate", origin, service, user: draft }),
    commit(draft) {
      const now = resources.clock.now();
      countHolder(service, user.roleSid, -1);
      Object.assign(user, draft, { dateUpdated: now });
      countHolder(service, user.roleSid, 1);
      resources.publish({ type: "onUserUpdated", at: now, origin, service, user });
    },
  });
}

/** Deletes a user and removes them from every conversation. */
export function removeUser(resources: Resources, service: Service, user: User, origin: Origin): void {
  for (const participant of [...user.memberships.values()]) expelParticipant(resources, participant, origin);
  service.users.delete(user);
  countHolder(service, user.roleSid, -1);
  service.usersByIdentity.delete(user.identity);
  removeBindingsOf(service, user.identity);
}

function draftUpdate(resources: Resources, service: Service, user: User, input: UserInput): User {
  checkServicePresent(resources, service);
  if (service.users.get(user.sid) === undefined) throw requestRules.notFound(`/Users/${user.sid}`);
  const { attributes } = user;
  return {
    ...user,
    friendlyName: checkFriendlyName(input.friendlyName ?? user.friendlyName),
    attributes:
      input.attributes === undefined ? attributes : checkAttributes(input.attributes, attributeLimits.user),
    roleSid: input.roleSid === undefined ? user.roleSid : checkRole(service, input.roleSid, "service"),
  };
}
