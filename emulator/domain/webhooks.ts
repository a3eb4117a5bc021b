import { isSid } from "../sid.ts";
import type { AutoCreation, WebhookConfiguration } from "./account-model.ts";
import type { Conversation, Origin, ScopedWebhook, WebhookTarget } from "./model.ts";
import type { Resources } from "./resources.ts";
import { requestRules } from "./rules/request.ts";
import { webhookRules } from "./rules/webhook.ts";
import { checkChangeable, checkReady } from "./states.ts";
import { isHttpUrl } from "./url.ts";
import { eventsFilteredBy } from "./webhook-events.ts";

const limits = { webhooks: 5, triggers: 5, trigger: 248, url: 512 };

/** Every event that a webhook of the account or a service can filter for. */
export const webhookEvents = eventsFilteredBy("configuration");

const scopedEvents = eventsFilteredBy("scoped");

/** The events that a webhook on an auto-created conversation can filter for. */
export const autoCreationEvents = eventsFilteredBy("autoCreation");

/** Parameters of a scoped webhook; undefined or an empty list when omitted. */
export interface ScopedWebhookInput {
  readonly target: string | undefined;
  readonly url: string | undefined;
  readonly method: string | undefined;
  readonly filters: readonly string[];
  readonly triggers: readonly string[];
  readonly flowSid: string | undefined;
  readonly replayAfter: string | undefined;
}

/**
 * Attaches a webhook to a conversation, at most five ("Conversation Scoped Webhook Resource"). With `replayAfter`
 * the messages from that index on are replayed to it.
 */
export function attachWebhook(
  resources: Resources,
  conversation: Conversation,
  input: ScopedWebhookInput,
  origin: Origin,
): ScopedWebhook {
  checkChangeable(conversation);
  const target = checkTarget(input.target);
  const configuration = checkConfiguration(target, input);
  if (target !== "studio" && configuration.url === undefined) throw webhookRules.urlMissing();
  if (target === "webhook" && configuration.filters === undefined) throw webhookRules.filterMissing();
  if (target === "trigger" && configuration.triggers === undefined) throw webhookRules.triggerMissing();
  const replayAfter = checkReplayAfter(input.replayAfter);
  if (conversation.webhooks.size >= limits.webhooks) throw webhookRules.tooMany();
  const now = resources.clock.now();
  const webhook: ScopedWebhook = {
    sid: resources.ids.sid("WH"),
    seq: conversation.webhooks.nextSeq(),
    target,
    ...configuration,
    method: configuration.method ?? (target === "studio" ? undefined : "post"),
    dateCreated: now,
    dateUpdated: now,
  };
  conversation.webhooks.add(webhook);
  resources.publish({ type: "webhookAttached", at: now, origin, conversation, webhook, replayAfter });
  return webhook;
}

/**
 * Attaches what the autocreation rule of a conversation configures: a webhook, a Studio flow, or nothing. A webhook
 * without filters receives every event (assumed).
 */
export function attachConfigured(resources: Resources, conversation: Conversation, rule: AutoCreation): void {
  if (rule.type === "default") return;
  const now = resources.clock.now();
  conversation.webhooks.add({
    sid: resources.ids.sid("WH"),
    seq: conversation.webhooks.nextSeq(),
    triggers: undefined,
    dateCreated: now,
    dateUpdated: now,
    ...(rule.type === "studio"
      ? {
          target: "studio",
          url: undefined,
          method: undefined,
          filters: undefined,
          flowSid: rule.studioFlowSid,
        }
      : {
          target: "webhook",
          url: rule.webhookUrl,
          method: rule.webhookMethod === "GET" ? "get" : "post",
          filters: rule.webhookFilters ?? autoCreationEvents,
          flowSid: undefined,
        }),
  });
}

/** Changes the events and the URL of a scoped webhook. Its target cannot be changed. */
export function updateWebhook(
  resources: Resources,
  conversation: Conversation,
  webhook: ScopedWebhook,
  input: ScopedWebhookInput,
): void {
  checkReady(conversation);
  const flowSid = input.flowSid ?? webhook.flowSid;
  const configuration = checkConfiguration(webhook.target, { ...input, flowSid });
  webhook.url = configuration.url ?? webhook.url;
  webhook.method = configuration.method ?? webhook.method;
  webhook.filters = configuration.filters ?? webhook.filters;
  webhook.triggers = configuration.triggers ?? webhook.triggers;
  webhook.flowSid = configuration.flowSid ?? webhook.flowSid;
  webhook.dateUpdated = resources.clock.now();
}

/** Detaches a webhook. Queued requests are still sent. */
export function detachWebhook(conversation: Conversation, webhook: ScopedWebhook): void {
  checkReady(conversation);
  if (conversation.webhooks.delete(webhook)) return;
  throw requestRules.notFound(`/Conversations/${conversation.sid}/Webhooks/${webhook.sid}`);
}

/** Parameters of the account's or a service's webhook targets; undefined when omitted. */
export interface WebhookConfigurationInput {
  readonly preWebhookUrl: string | undefined;
  readonly postWebhookUrl: string | undefined;
  readonly method: string | undefined;
  readonly filters: readonly string[] | undefined;
  readonly target: string | undefined;
}

/** Changes the account's or a service's webhook targets. An empty URL removes a target. */
export function configureWebhooks(
  configuration: WebhookConfiguration,
  input: WebhookConfigurationInput,
): void {
  const { preWebhookUrl, postWebhookUrl, filters } = input;
  checkTargets(input);
  const method = input.method === undefined ? undefined : checkMethod(input.method);
  checkFilters(filters ?? [], webhookEvents);
  if (preWebhookUrl !== undefined) configuration.preWebhookUrl = preWebhookUrl || null;
  if (postWebhookUrl !== undefined) configuration.postWebhookUrl = postWebhookUrl || null;
  if (method !== undefined) configuration.method = method;
  if (filters !== undefined) configuration.filters = filters;
  if (input.target !== undefined) configuration.target = input.target.toLowerCase();
}

function checkTargets({ preWebhookUrl, postWebhookUrl, target }: WebhookConfigurationInput): void {
  if (preWebhookUrl && !isHttpUrl(preWebhookUrl)) throw webhookRules.preWebhookUrlInvalid();
  if (postWebhookUrl && !isHttpUrl(postWebhookUrl)) throw webhookRules.postWebhookUrlInvalid();
  const kind = target?.toLowerCase() ?? "webhook";
  if (kind !== "webhook" && kind !== "flex") throw webhookRules.configurationTargetInvalid();
}

/** Checks names of events. */
export function checkFilters(filters: readonly string[], known: readonly string[]): void {
  if (filters.some((filter) => !known.includes(filter))) throw webhookRules.filterInvalid();
}

/** The fields of the target. Those of other targets are checked, and ignored (assumed). */
type ScopedConfiguration = Pick<ScopedWebhook, "url" | "method" | "filters" | "triggers" | "flowSid">;

function checkConfiguration(target: WebhookTarget, input: ScopedWebhookInput): ScopedConfiguration {
  const { url, method, flowSid } = input;
  // The page and the specification also accept the keywords of a trigger as filters.
  const isTrigger = target === "trigger";
  const given = isTrigger && input.triggers.length === 0 ? input.filters : input.triggers;
  const triggers = isTrigger ? given : [];
  const filters = isTrigger ? [] : input.filters;
  if (url !== undefined) checkUrl(url);
  const verb = method === undefined ? undefined : checkMethod(method);
  checkFilters(filters, scopedEvents);
  checkTriggers(triggers);
  const isStudio = target === "studio";
  const flow = isSid("FW", flowSid) ? flowSid : undefined;
  if ((isStudio || flowSid !== undefined) && flow === undefined) throw webhookRules.flowSidInvalid();
  return {
    url: isStudio ? undefined : url,
    method: verb === undefined || isStudio ? undefined : verb === "GET" ? "get" : "post",
    filters: filters.length === 0 ? undefined : filters,
    triggers: triggers.length === 0 ? undefined : triggers,
    flowSid: isStudio ? flow : undefined,
  };
}

/** Checks a URL: an absolute http or https URL of at most 512 characters. */
export function checkUrl(url: string): void {
  if (url.length > limits.url) throw webhookRules.urlTooLong();
  if (!isHttpUrl(url)) throw webhookRules.urlInvalid();
}

function checkTriggers(triggers: readonly string[]): void {
  if (triggers.length > limits.triggers) throw webhookRules.tooManyTriggers();
  if (triggers.some((trigger) => trigger === "" || trigger.length > limits.trigger))
    throw webhookRules.triggerInvalid();
}

function checkTarget(target: string | undefined): WebhookTarget {
  if (target === undefined || target === "") throw webhookRules.targetMissing();
  const lower = target.toLowerCase();
  if (lower !== "webhook" && lower !== "trigger" && lower !== "studio") throw webhookRules.targetInvalid();
  return lower;
}

/** Parses GET or POST, case-insensitive. */
export function checkMethod(method: string): "GET" | "POST" {
  const upper = method.toUpperCase();
  if (upper !== "GET" && upper !== "POST") throw webhookRules.methodInvalid();
  return upper;
}

function checkReplayAfter(text: string | undefined): number | undefined {
  if (text === undefined || text === "") return undefined;
  if (!/^\d{1,15}$/.test(text)) throw webhookRules.replayAfterInvalid();
  return Number(text);
}
