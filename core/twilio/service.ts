import * as v from "valibot";
import type { Call } from "../call.ts";
import { type Environment, readEnvironment, sidVariable } from "../environment.ts";
import { type ApiVersion, accountEntries, openApi } from "./account.ts";

const entries = { CHAT_SERVICE_SID: v.optional(sidVariable("IS")) };

/** Variables of every resource of Conversations: those of the account, and `CHAT_SERVICE_SID` for a service other than the default. */
export const serviceEntries = { ...accountEntries, ...entries };

/** Opens the API of the configured Conversations service. */
export function openService(environment: Environment): (call: Call) => ApiVersion {
  const { CHAT_SERVICE_SID } = readEnvironment(entries, environment);
  // The service-scoped resources have the same shape below a longer path.
  const path = CHAT_SERVICE_SID === undefined ? "v1" : `v1/Services/${CHAT_SERVICE_SID}`;
  return openApi(environment, "conversations", path);
}
