import { isoMillis } from "../../dates.ts";
import { checkServicePermission, may } from "../../domain/grants.ts";
import type { User } from "../../domain/model.ts";
import { requestRules } from "../../domain/rules/request.ts";
import { findUser, updateUser } from "../../domain/users.ts";
import { aim, param, type SdkCall, type SdkHandler, textOf } from "../call.ts";
import { mapsOf } from "../objects.ts";

/** GET /Client/v2/Users/{User} */
export const fetch: SdkHandler = (call) => ({ status: 200, body: present(userOf(call)) });

/** POST /Client/v2/Users/{User} */
export const update: SdkHandler = async (call) => {
  const { resources, service, origin } = call;
  const user = userOf(call);
  const isAllowed = user === call.user && may(service, call.user, undefined, "editOwnUserInfo");
  if (!isAllowed) checkServicePermission(service, call.user, "editAnyUserInfo");
  const changes = {
    friendlyName: textOf(call, "friendly_name"),
    attributes: textOf(call, "attributes"),
    roleSid: undefined,
  };
  await updateUser(resources, service, user, changes, origin);
  return { status: 200, body: present(user) };
};

function userOf(call: SdkCall): User {
  const user = findUser(call.service, param(call, "User"));
  if (user === undefined) throw requestRules.notFound(call.path);
  return user;
}

function present(user: User): object {
  return {
    sid: user.sid,
    identity: user.identity,
    friendly_name: user.friendlyName,
    attributes: user.attributes,
    role_sid: user.roleSid,
    date_created: isoMillis(user.dateCreated),
    date_updated: isoMillis(user.dateUpdated),
    url: `${aim}/Users/${encodeURIComponent(user.identity)}`,
    sync_objects: { user_info_map: mapsOf(user).userInfo },
  };
}
