import { findConversation } from "../domain/conversations.ts";
import { type Call, param } from "./call.ts";
import type { Operation } from "./operations/operation.ts";

/** Where the actions of an operation are counted ("Conversations Limits", actions per second). */
export type LimitedPlace = "service" | "conversation";

/** Writes that are counted, by their paths in the short family. Creating with participants is creating (assumed). */
const places: ReadonlyMap<string, LimitedPlace> = new Map([
  ["POST /Conversations", "service"],
  ["POST /Conversations/{Sid}", "conversation"],
  ["DELETE /Conversations/{Sid}", "service"],
  ["POST /ConversationWithParticipants", "service"],
  ["POST /Conversations/{ConversationSid}/Participants", "conversation"],
  ["POST /Conversations/{ConversationSid}/Participants/{Sid}", "conversation"],
  ["DELETE /Conversations/{ConversationSid}/Participants/{Sid}", "conversation"],
  ["POST /Conversations/{ConversationSid}/Messages", "conversation"],
  ["POST /Conversations/{ConversationSid}/Messages/{Sid}", "conversation"],
  ["DELETE /Conversations/{ConversationSid}/Messages/{Sid}", "conversation"],
  ["POST /Users", "service"],
  ["POST /Users/{Sid}", "service"],
  ["DELETE /Users/{Sid}", "service"],
  ["POST /Roles", "service"],
  ["POST /Roles/{Sid}", "service"],
  ["DELETE /Roles/{Sid}", "service"],
]);

/** Where the actions of an operation are counted; undefined for what is not. */
export function limitedPlaceOf({ product, method, path }: Pick<Operation, "product" | "method" | "path">) {
  if (product !== "conversations") return undefined;
  return places.get(`${method} ${path.replace(/^\/v1(\/Services\/\{ChatServiceSid\})?/, "")}`);
}

/** The SID of the service or conversation on which a call is an action. */
export function placeOfCall(call: Call, place: LimitedPlace): string {
  if (place === "service") return call.service.sid;
  const name = param(call, "ConversationSid") || param(call, "Sid");
  return findConversation(call.service, name)?.sid ?? name;
}
