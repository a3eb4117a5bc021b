import { findConversation } from "../domain/conversations.ts";
import { type Call, param } from "./call.ts";

/** The resource per which actions are counted ("Conversations Limits", actions per second). */
export type Counted = "service" | "conversation";

/** The SID of the service or conversation that a call counts for. */
export function countedSid(call: Call, per: Counted): string {
  if (per === "service") return call.service.sid;
  const name = param(call, "ConversationSid") || param(call, "Sid");
  return findConversation(call.service, name)?.sid ?? name;
}
