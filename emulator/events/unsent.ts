import type { Account, Service } from "../domain/account-model.ts";
import type { DomainEvent, PendingAction } from "../domain/events.ts";
import { goesToFlex, type Target } from "./targets.ts";

/** A webhook that goes to a product of Twilio's that is not emulated. */
export interface Unsent {
  readonly scope: Target["scope"];
  readonly error: string;
}

/** What of an event's webhooks is not sent: to Flex. */
export function unsentOf(account: Account, event: DomainEvent): readonly Unsent[] {
  if (!event.origin.webhooks || event.type === "webhookAttached" || event.type === "joiningFailed") return [];
  if (!("conversation" in event)) return toFlex(account, event.service, event.type);
  return toFlex(account, event.conversation.service, event.type);
}

/** What is not asked before an action. */
export function unaskedOf(account: Account, action: PendingAction): readonly Unsent[] {
  if (!action.origin.webhooks) return [];
  return toFlex(account, "service" in action ? action.service : action.conversation.service, action.type);
}

function toFlex(account: Account, service: Service, type: string): readonly Unsent[] {
  if (!goesToFlex(account, service, type)) return [];
  return [{ scope: "account", error: "not emulated: the account's webhooks are routed to Flex" }];
}
