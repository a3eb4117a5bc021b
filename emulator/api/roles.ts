import { isoSeconds } from "../dates.ts";
import type { Role } from "../domain/account-model.ts";
import { createRole, removeRole, updateRole } from "../domain/roles.ts";
import { listResponse } from "../http/list.ts";
import { type Call, type Handler, notFound, param } from "./call.ts";

/** POST /Roles */
export const create: Handler = (call) => {
  const { form } = call;
  const role = createRole(call.resources, call.service, {
    friendlyName: form.get("FriendlyName"),
    type: form.get("Type"),
    permissions: form.all("Permission"),
  });
  return { status: 201, body: present(call, role) };
};

/** GET /Roles/{Sid} */
export const fetch: Handler = (call) => ({ status: 200, body: present(call, roleOf(call)) });

/** POST /Roles/{Sid}. Repeated `Permission` replace the previous ones. */
export const update: Handler = (call) => {
  const role = roleOf(call);
  updateRole(call.resources, role, call.form.all("Permission"));
  return { status: 200, body: present(call, role) };
};

/** DELETE /Roles/{Sid} */
export const remove: Handler = (call) => {
  removeRole(call.service, roleOf(call));
  return { status: 204 };
};

/** GET /Roles */
export const list: Handler = (call) =>
  listResponse(`${call.base}/Roles`, call.query, {
    key: "roles",
    members: call.service.roles,
    sidPrefix: "RL",
    defaultSize: 50,
    maxSize: 50,
    present: (role) => present(call, role),
  });

function roleOf(call: Call): Role {
  const role = call.service.roles.get(param(call, "Sid"));
  if (role === undefined) throw notFound(call);
  return role;
}

function present(call: Call, role: Role): unknown {
  return {
    sid: role.sid,
    account_sid: call.resources.account.sid,
    chat_service_sid: call.service.sid,
    friendly_name: role.friendlyName,
    type: role.type,
    permissions: role.permissions,
    date_created: isoSeconds(role.dateCreated),
    date_updated: isoSeconds(role.dateUpdated),
    url: `${call.base}/Roles/${role.sid}`,
  };
}
