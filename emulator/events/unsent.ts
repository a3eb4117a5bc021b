import type { Account, Service } from "../domain/account-model.ts";
import type { DomainEvent, PendingAction } from "../domain/events.ts";
import type { ScopedWebhook } from "../domain/model.ts";
import { goesToFlex, type Target } from "./targets.ts";

/** A webhook that goes to a product of Twilio's that is not emulated. */
export interface Unsent {
  readonly scope: Target["scope"];
  readonly webhookSid?: string;
  readonly flowSid?: string | undefined;
  readonly error: string;
}

/** What of an event's webhooks is not sent: to Studio flows, and to Flex. */
export function unsentOf(account: Account, event: DomainEvent): readonly Unsent[] {
  if (!event.origin.webhooks || event.type === "webhookAttached" || event.type === "joiningFailed") return [];
  if (!("conversation" in event)) return toFlex(account, event.service, event.type);
  const { conversation, type } = event;
  const flex = toFlex(account, conversation.service, type);
  if (conversation.webhooks.size === 0) return flex;
  return [...flex, ...[...conversation.webhooks.values()].flatMap((webhook) => toStudio(webhook, type))];
}

/** What is not asked before an action. */
export function unaskedOf(account: Account, action: PendingAction): readonly Unsent[] {
  if (!action.origin.webhooks) return [];
  return toFlex(account, "service" in action ? action.service : action.conversation.service, action.type);
}

/** A flow hears of new messages, or of what its webhook filters for ("Connecting Twilio Studio to Conversations"). */
export function toStudio(webhook: ScopedWebhook, type: string): readonly Unsent[] {
  const { target, sid, flowSid, filters = ["onMessageAdded"] } = webhook;
  if (target !== "studio" || !filters.includes(type)) return [];
  const error = `not emulated: the Studio flow ${flowSid} was not run`;
  return [{ scope: "conversation", webhookSid: sid, flowSid, error }];
}

function toFlex(account: Account, service: Service, type: string): readonly Unsent[] {
  if (!goesToFlex(account, service, type)) return [];
  return [{ scope: "account", error: "not emulated: the account's webhooks are routed to Flex" }];
}
