import type { Clock } from "../clock.ts";
import { isoMillis } from "../dates.ts";
import type { Account } from "../domain/account-model.ts";
import { objectEntries } from "../domain/content.ts";
import type { DomainEvent, Gate, Modifications, PendingAction } from "../domain/events.ts";
import type { Conversation, ScopedWebhook } from "../domain/model.ts";
import { requestRules } from "../domain/rules/request.ts";
import type { Faults } from "../faults/faults.ts";
import type { Ids } from "../ids.ts";
import type { InFlight } from "../in-flight.ts";
import { Recent } from "../recent.ts";
import type { Timeline } from "../timeline.ts";
import { FaultyWay, type Repeat } from "./faulty-way.ts";
import { HttpClient, type Outcome, type OutgoingRequest } from "./http-client.ts";
import { actionFields, eventFields, type Fields } from "./payload.ts";
import { signWebhook } from "./signature.ts";
import { preActionTarget, scopedTarget, type Target, targetsOf } from "./targets.ts";

/** Conversations waits this long for a webhook ("Conversations Webhooks"). */
const timeoutMs = 5000;

/** One attempt to deliver a webhook, with all that was sent and came back. */
export interface WebhookAttempt {
  readonly at: string;
  readonly event: string;
  readonly conversationSid: string | undefined;
  readonly scope: Target["scope"];
  readonly webhookSid: string | undefined;
  readonly request: OutgoingRequest;
  readonly response: { readonly status: number; readonly body: string } | null;
  readonly error: { readonly code: number; readonly message: string } | null;
  readonly durationMs: number;
}

/** What the dispatcher works with. The account is asked for late: the world and the dispatcher need each other. */
export interface DispatcherOptions {
  readonly account: () => Account;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly inFlight: InFlight;
  readonly timeline: Timeline;
  readonly faults: Faults;
  readonly log: (message: string) => void;
  /** Resolves when what has happened is safe: nobody hears of an event that a crash could undo. */
  readonly committed: () => Promise<void>;
}

/**
 * Delivers webhooks. What one conversation sends to one target arrives in order, each after the answer to the one
 * before; conversations and targets do not wait for each other.
 */
export class WebhookDispatcher {
  readonly attempts = new Recent<WebhookAttempt>(10_000);
  readonly #options: DispatcherOptions;
  readonly #client: HttpClient;
  readonly #way: FaultyWay;
  readonly #queues = new Map<string, Promise<void>>();

  constructor(options: DispatcherOptions) {
    this.#options = options;
    this.#client = new HttpClient(options.clock);
    this.#way = new FaultyWay(options.faults, options.clock);
  }

  /** Queues the webhooks of an event. The caller does not wait for them. */
  handle(event: DomainEvent): void {
    const account = this.#options.account();
    if (event.type === "webhookAttached") {
      if (event.replayAfter !== undefined) this.#replay(event.conversation, event.webhook, event.replayAfter);
      return;
    }
    this.#noteFlows(event);
    const targets = targetsOf(account, event);
    if (targets.length === 0) return;
    const fields = eventFields(account.sid, event);
    const place = "conversation" in event ? event.conversation.sid : event.service.sid;
    for (const target of targets) this.#enqueue(place, target, fields);
  }

  /** Asks the pre-action webhook, if one listens for the action. */
  readonly gate: Gate = (action) => {
    const target = preActionTarget(this.#options.account(), action);
    return target === undefined ? undefined : this.#options.inFlight.track(this.#ask(target, action));
  };

  /** Drops everything that is queued or on the wire. */
  close(): void {
    this.#client.close();
  }

  /** Says on the timeline, each time, that a Studio flow would have run: flows are not emulated. */
  #noteFlows(event: DomainEvent): void {
    if (event.type !== "onMessageAdded" || !event.origin.webhooks) return;
    const { conversation, at } = event;
    if (conversation.webhooks.size === 0) return;
    for (const { target, flowSid, sid } of conversation.webhooks.values()) {
      if (target !== "studio") continue;
      const error = `not emulated: the Studio flow ${flowSid} was not run`;
      const entry = { event: event.type, conversationSid: conversation.sid, webhookSid: sid, flowSid, error };
      this.#options.timeline.add({ at: isoMillis(at), kind: "webhook", ...entry });
      this.#options.log(`webhook ${sid}: ${error}`);
    }
  }

  /** Sends the messages from an index on to a new webhook ("Conversation Scoped Webhook Resource", ReplayAfter). */
  #replay(conversation: Conversation, webhook: ScopedWebhook, from: number): void {
    for (const message of conversation.messages.upFrom(from)) {
      const targets = scopedTarget(webhook, "onMessageAdded", message.body);
      const origin = { source: message.source, webhooks: true };
      const event = {
        type: "onMessageAdded" as const,
        at: message.dateCreated,
        origin,
        conversation,
        message,
      };
      const fields = eventFields(this.#options.account().sid, event);
      for (const target of targets) this.#enqueue(conversation.sid, target, fields);
    }
  }

  #enqueue(place: string, target: Target, fields: Fields): void {
    const key = `${place} ${target.webhookSid ?? target.scope}`;
    this.#way.enter(key, target, fields, (repeat) => this.#queue(key, target, fields, repeat));
  }

  #queue(key: string, target: Target, fields: Fields, repeat: Repeat): void {
    const before = this.#queues.get(key) ?? Promise.resolve();
    const delivery = before
      .then(() => this.#options.committed())
      .then(() => this.#deliver(target, fields, repeat))
      .then(nothing, (error: unknown) => this.#options.log(`webhook to ${target.url}: ${error}`));
    this.#queues.set(key, delivery);
    const end = this.#options.inFlight.begin();
    void delivery.finally(() => {
      if (this.#queues.get(key) === delivery) this.#queues.delete(key);
      end();
    });
  }

  /**
   * 200 lets the action pass, with what its JSON body modifies; any other status rejects it; no answer lets it
   * pass unmodified, after up to five seconds.
   */
  async #ask(target: Target, action: PendingAction): Promise<Modifications> {
    const fields = actionFields(this.#options.account().sid, action);
    const outcome = await this.#deliver(target, fields, (deliver) => deliver());
    if (outcome.status === undefined) return new Map();
    if (outcome.status !== 200) throw requestRules.preActionRejected();
    return readModifications(outcome.body);
  }

  #deliver(target: Target, fields: Fields, repeat: Repeat): Promise<Outcome> {
    const sent =
      target.webhookSid === undefined ? fields : new Map([...fields, ["WebhookSid", target.webhookSid]]);
    const request = this.#build(target, sent);
    return repeat(() => this.#attempt(target, fields, request));
  }

  async #attempt(target: Target, fields: Fields, request: OutgoingRequest): Promise<Outcome> {
    const { clock, timeline } = this.#options;
    const at = isoMillis(clock.now());
    const begun = clock.elapsed();
    const outcome = await this.#way.send(target, fields, () => this.#client.send(request, timeoutMs));
    const attempt: WebhookAttempt = {
      at,
      event: fields.get("EventType") ?? "",
      conversationSid: fields.get("ConversationSid"),
      scope: target.scope,
      webhookSid: target.webhookSid,
      request,
      response: outcome.status === undefined ? null : { status: outcome.status, body: outcome.body },
      error: outcome.error ?? statusError(outcome.status),
      durationMs: clock.elapsed() - begun,
    };
    this.attempts.add(attempt);
    const { event, conversationSid, webhookSid, scope, error, durationMs } = attempt;
    const summary = { url: request.url, status: outcome.status ?? null, error };
    timeline.add({ at, kind: "webhook", event, conversationSid, scope, webhookSid, ...summary, durationMs });
    return outcome;
  }

  #build(target: Target, fields: Fields): OutgoingRequest {
    const { authToken } = this.#options.account();
    const form = new URLSearchParams([...fields]).toString();
    const configured = requestUrl(target.url);
    const isGet = target.method === "GET";
    const url = isGet ? `${configured}${configured.includes("?") ? "&" : "?"}${form}` : configured;
    const body = isGet ? "" : form;
    const headers: Record<string, string> = {
      Accept: "*/*",
      "User-Agent": "TwilioProxy/1.1",
      "I-Twilio-Idempotency-Token": this.#options.ids.uuid(),
      "X-Twilio-Signature": signWebhook(authToken, url, isGet ? new Map() : fields),
    };
    if (!isGet) {
      headers["Content-Type"] = "application/x-www-form-urlencoded; charset=utf-8";
      headers["Content-Length"] = String(Buffer.byteLength(body));
    }
    return { method: target.method, url, headers, body };
  }
}

/**
 * The URL that is requested and signed: as it was configured, without the fragment, which carries connection
 * overrides, and with the slash that a receiver sees where there is no path.
 */
function requestUrl(configured: string): string {
  return configured.replace(/#.*$/s, "").replace(/^(https?:\/\/[^/?]*)(?=\?|$)/i, "$1/");
}

function nothing(): void {}

function statusError(status: number): { code: number; message: string } | null {
  return status < 400 ? null : { code: 11217, message: `HTTP error response code: ${status}` };
}

/** The texts of a JSON object; anything else modifies nothing. */
function readModifications(body: string): Modifications {
  const modifications = new Map<string, string>();
  if (body.trim() === "") return modifications;
  try {
    for (const [name, value] of objectEntries(JSON.parse(body)) ?? []) {
      if (typeof value === "string") modifications.set(name, value);
    }
  } catch {
    // TwiML or plain text from a handler that only means to say yes.
  }
  return modifications;
}
