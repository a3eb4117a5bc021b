import { isoSeconds } from "../dates.ts";
import type { User } from "../domain/model.ts";
import { reachabilityOf } from "../domain/reachability.ts";
import { createUser, findUser, removeUser, type UserInput, updateUser } from "../domain/users.ts";
import { listResponse } from "../http/list.ts";
import { type Call, type Handler, notFound, param } from "./call.ts";

/** POST /Users */
export const create: Handler = (call) => {
  const user = createUser(call.resources, call.service, call.form.get("Identity"), input(call), call.origin);
  return { status: 201, body: present(call, user) };
};

/** GET /Users/{Sid} */
export const fetch: Handler = (call) => ({ status: 200, body: presentReachable(call, userOf(call)) });

/** POST /Users/{Sid} */
export const update: Handler = async (call) => {
  const user = userOf(call);
  await updateUser(call.resources, call.service, user, input(call), call.origin);
  return { status: 200, body: present(call, user) };
};

/** DELETE /Users/{Sid} */
export const remove: Handler = (call) => {
  removeUser(call.resources, call.service, userOf(call), call.origin);
  return { status: 204 };
};

/** GET /Users */
export const list: Handler = (call) =>
  listResponse(`${call.base}/Users`, call.query, {
    key: "users",
    members: call.service.users,
    sidPrefix: "US",
    defaultSize: 50,
    maxSize: 50,
    present: (user) => present(call, user),
  });

function userOf(call: Call): User {
  const user = findUser(call.service, param(call, "Sid"));
  if (user === undefined) throw notFound(call);
  return user;
}

function input({ form }: Call): UserInput {
  return {
    friendlyName: form.get("FriendlyName"),
    attributes: form.get("Attributes"),
    roleSid: form.get("RoleSid"),
  };
}

/** Only the response to fetching a single user contains reachability; in all others it is null. */
function presentReachable(call: Call, user: User): unknown {
  const { isOnline, isNotifiable } = reachabilityOf(call.service, user);
  return present(call, user, { is_online: isOnline, is_notifiable: isNotifiable });
}

const unsaid = { is_online: null, is_notifiable: null };

function present(call: Call, user: User, reachability: object = unsaid): unknown {
  const url = `${call.base}/Users/${user.sid}`;
  return {
    sid: user.sid,
    account_sid: call.resources.account.sid,
    chat_service_sid: call.service.sid,
    role_sid: user.roleSid,
    identity: user.identity,
    friendly_name: user.friendlyName,
    attributes: user.attributes,
    ...reachability,
    date_created: isoSeconds(user.dateCreated),
    date_updated: isoSeconds(user.dateUpdated),
    url,
    links: { user_conversations: `${url}/Conversations` },
  };
}
