import type V1 from "twilio/lib/rest/conversations/V1.js";
import type { UserContext, UserListInstance as Users } from "twilio/lib/rest/conversations/v1/user.js";
import { UserListInstance } from "twilio/lib/rest/conversations/v1/user.js";
import type { Resource } from "../handler.ts";
import { openService, serviceEntries } from "./service.ts";

/** Users of the configured service. */
export const users: Resource<Users> = {
  entries: serviceEntries,
  open(environment) {
    const api = openService(environment);
    return (call) => UserListInstance(api(call) as V1.default);
  },
};

/** A user by SID or identity. An identity may contain characters that are special in a URL. */
export const userOf = (users: Users, sidOrIdentity: string): UserContext =>
  users(encodeURIComponent(sidOrIdentity));
