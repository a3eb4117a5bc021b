import type { Account, Service, WebhookConfiguration } from "../domain/account-model.ts";
import type { PendingAction, WebhookEvent } from "../domain/events.ts";
import type { ScopedWebhook } from "../domain/model.ts";
import type { Sid } from "../sid.ts";

/** The destination of a webhook. */
export interface Target {
  /** `number`: the messaging webhook of a number, which is not one of Conversations. */
  readonly scope: "account" | "service" | "conversation" | "number";
  /** Only conversation-scoped webhooks have one. */
  readonly webhookSid: Sid<"WH"> | undefined;
  readonly url: string;
  readonly method: "GET" | "POST";
}

/** A webhook to a product of Twilio that is not emulated. */
export interface Unsent {
  readonly scope: Target["scope"];
  readonly webhookSid?: Sid<"WH">;
  readonly flowSid?: Sid<"FW"> | undefined;
  readonly error: string;
}

/**
 * The targets of an event: the conversation's own webhooks whose filters name it, and the service's or the account's
 * target. None for a REST write without `X-Twilio-Webhook-Enabled` ("Conversations Webhooks").
 */
export function targetsOf(account: Account, event: WebhookEvent): readonly Target[] {
  if (!event.origin.webhooks) return [];
  if (!("conversation" in event)) return configured(account, event.service, event.type);
  const { conversation, type } = event;
  const targets = configured(account, conversation.service, type);
  if (conversation.webhooks.size === 0) return targets;
  const body = type === "onMessageAdded" ? event.message.body : null;
  const scoped = [...conversation.webhooks.values()].flatMap((webhook) => scopedTarget(webhook, type, body));
  return [...targets, ...scoped];
}

/**
 * The target of a conversation-scoped webhook, if its filters name the event or, for a trigger, the new message contains
 * a keyword: anywhere in it, case-insensitive (assumed).
 */
export function scopedTarget(webhook: ScopedWebhook, type: string, body: string | null): readonly Target[] {
  if (webhook.url === undefined || webhook.target === "studio") return [];
  const passesFilter =
    webhook.target === "trigger"
      ? type === "onMessageAdded" && includesAny(body ?? "", webhook.triggers ?? [])
      : webhook.filters?.includes(type);
  if (!passesFilter) return [];
  const method = webhook.method === "get" ? "GET" : "POST";
  return [{ scope: "conversation", webhookSid: webhook.sid, url: webhook.url, method }];
}

function includesAny(body: string, keywords: readonly string[]): boolean {
  const text = body.toLowerCase();
  return keywords.some((keyword) => text.includes(keyword.toLowerCase()));
}

/** The target of the pre-action webhook; undefined when there is none. */
export function preActionTarget(account: Account, action: PendingAction): Target | undefined {
  if (!action.origin.webhooks) return undefined;
  const service = "service" in action ? action.service : action.conversation.service;
  const [scope, configuration] = effective(account, service);
  if (isFlex(configuration)) return undefined;
  if (configuration.preWebhookUrl === null || !passes(configuration, action.type)) return undefined;
  return {
    scope,
    webhookSid: undefined,
    url: configuration.preWebhookUrl,
    method: configuration.method ?? "POST",
  };
}

/** The webhooks of an event to Flex, which are not sent. */
export function unsentOf(account: Account, event: WebhookEvent): readonly Unsent[] {
  if (!event.origin.webhooks) return [];
  if (!("conversation" in event)) return toFlex(account, event.service, event.type);
  return toFlex(account, event.conversation.service, event.type);
}

/** The pre-action webhooks to Flex, which are not sent. */
export function unsentPreActionOf(account: Account, action: PendingAction): readonly Unsent[] {
  if (!action.origin.webhooks) return [];
  return toFlex(account, "service" in action ? action.service : action.conversation.service, action.type);
}

function toFlex(account: Account, service: Service, type: string): readonly Unsent[] {
  if (!goesToFlex(account, service, type)) return [];
  return [{ scope: "account", error: "not emulated: the account's webhooks are routed to Flex" }];
}

/** Whether an event or action is routed to Flex instead of the configured URLs ("Webhook Configuration Resource"). */
function goesToFlex(account: Account, service: Service, type: string): boolean {
  const [, configuration] = effective(account, service);
  return isFlex(configuration) && passes(configuration, type);
}

function isFlex({ target }: WebhookConfiguration): boolean {
  return target === "flex";
}

function configured(account: Account, service: Service, type: string): readonly Target[] {
  const [scope, configuration] = effective(account, service);
  if (isFlex(configuration)) return [];
  if (configuration.postWebhookUrl === null || !passes(configuration, type)) return [];
  const method = configuration.method ?? "POST";
  return [{ scope, webhookSid: undefined, url: configuration.postWebhookUrl, method }];
}

/** A service with its own targets does not use the account's ("Per-Service Webhook Resource"). */
function effective(account: Account, service: Service): [Target["scope"], WebhookConfiguration] {
  const own = service.webhooks.preWebhookUrl !== null || service.webhooks.postWebhookUrl !== null;
  return own ? ["service", service.webhooks] : ["account", account.webhooks];
}

/**
 * Filters that were never set pass every event (assumed: the guide to delivery receipts sets only a URL to get
 * `onDeliveryUpdated`); once set, they pass the events that they name.
 */
function passes({ filters }: WebhookConfiguration, type: string): boolean {
  return filters === null || filters.includes(type);
}
