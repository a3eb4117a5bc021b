import type { Clock } from "../clock.ts";
import { isoMillis } from "../dates.ts";
import type { Account } from "../domain/account-model.ts";
import { objectEntries } from "../domain/content.ts";
import {
  type DomainEvent,
  type Gate,
  isWebhookEvent,
  type Modifications,
  type PendingAction,
  replayed,
  type WebhookEvent,
} from "../domain/events.ts";
import type { Conversation, ScopedWebhook } from "../domain/model.ts";
import { requestRules } from "../domain/rules/request.ts";
import type { Faults } from "../faults/faults.ts";
import type { Ids } from "../ids.ts";
import type { InFlight } from "../in-flight.ts";
import { Recent } from "../recent.ts";
import { isSid, type Sid } from "../sid.ts";
import type { Timeline } from "../timeline.ts";
import { once, type Repeat, WebhookFaults } from "./faults.ts";
import { HttpClient, type Outcome, type OutgoingRequest } from "./http-client.ts";
import { type ConnectionOverrides, type DeliveryError, readOverrides } from "./overrides.ts";
import { actionFields, eventFields, type Parameters, textOf } from "./payload.ts";
import { buildRequest } from "./request.ts";
import { attemptWithRetries } from "./retries.ts";
import type { WebhookRules } from "./signature.ts";
import {
  preActionTarget,
  scopedTarget,
  type Target,
  targetsOf,
  type Unsent,
  unsentOf,
  unsentPreActionOf,
} from "./targets.ts";

/** One attempt to deliver a webhook, with request and response. */
export interface WebhookAttempt {
  /** Counts from 1, in the order of the log. */
  readonly id: number;
  readonly at: string;
  readonly event: string;
  readonly conversationSid: Sid<"CH"> | undefined;
  readonly scope: Target["scope"];
  readonly webhookSid: Sid<"WH"> | undefined;
  /** The number of earlier attempts of the same delivery. */
  readonly retryCount: number;
  /** The attempt that this one repeats by request of the control API. */
  readonly redeliveryOf: number | null;
  readonly request: OutgoingRequest;
  readonly response: { readonly status: number; readonly body: string } | null;
  readonly error: { readonly code: number; readonly message: string } | null;
  readonly durationMs: number;
}

/** Parameters that are delivered to a target, in one attempt or several. */
interface WebhookDelivery {
  readonly target: Target;
  readonly fields: Parameters;
  /** `I-Twilio-Idempotency-Token`: the same in all attempts, so that receivers can tell a retry. */
  readonly token: string;
  attempts: number;
}

/** An event, or an action that a pre-action webhook decides on. */
type Notifiable = WebhookEvent | (PendingAction & { readonly at: number });

/** What the dispatcher depends on. `account` is a function because the resources are created after the dispatcher. */
export interface DispatcherOptions {
  readonly account: () => Account;
  readonly rules: () => WebhookRules;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly inFlight: InFlight;
  readonly timeline: Timeline;
  readonly faults: Faults;
  readonly log: (message: string) => void;
  /** Resolves when every change so far is on the disk: webhooks report only stored changes. */
  readonly committed: () => Promise<void>;
}

/**
 * Delivers webhooks. The webhooks of one conversation to one target are sent in order, each after the response to the
 * previous one; other conversations and targets do not wait.
 */
export class WebhookDispatcher {
  readonly attempts = new Recent<WebhookAttempt>(10_000);
  readonly #options: DispatcherOptions;
  readonly #client: HttpClient;
  readonly #faults: WebhookFaults;
  readonly #queues = new Map<string, Promise<void>>();
  readonly #deliveries = new WeakMap<WebhookAttempt, WebhookDelivery>();
  #lastId = 0;

  constructor(options: DispatcherOptions) {
    this.#options = options;
    this.#client = new HttpClient(options.clock);
    this.#faults = new WebhookFaults(options.faults, options.clock);
  }

  /** Queues the webhooks of an event. The caller does not wait for them. */
  handle(event: DomainEvent): void {
    const account = this.#options.account();
    if (event.type === "webhookAttached") {
      if (event.replayAfter !== undefined) this.#replay(event.conversation, event.webhook, event.replayAfter);
      return;
    }
    if (!isWebhookEvent(event)) return;
    this.#noteUnsent(event, unsentOf(account, event));
    const targets = targetsOf(account, event);
    if (targets.length === 0) return;
    const fields = eventFields(account.sid, event);
    const owner = "conversation" in event ? event.conversation.sid : event.service.sid;
    for (const target of targets) this.#enqueue(owner, target, fields);
  }

  /** Calls the pre-action webhook, if one is configured for the action. */
  readonly gate: Gate = (action) => {
    const account = this.#options.account();
    const target = preActionTarget(account, action);
    this.#noteUnsent({ ...action, at: this.#options.clock.now() }, unsentPreActionOf(account, action));
    return target === undefined
      ? undefined
      : this.#options.inFlight.track(this.#callPreActionWebhook(target, action));
  };

  /**
   * Calls the messaging webhook of a number, after the earlier ones of that number. Resolves to the body of a response
   * with status 200, else to undefined.
   */
  call(number: string, url: string, fields: Parameters): Promise<string | undefined> {
    const target: Target = { scope: "number", webhookSid: undefined, url, method: "POST" };
    return new Promise((resolve) => {
      this.#enqueue(number, target, fields, ({ response }) =>
        resolve(response?.status === 200 ? response.body : undefined),
      );
    });
  }

  /** Repeats the delivery of an attempt of the log, to the same target, as one more retry. */
  async redeliver(attempt: WebhookAttempt): Promise<WebhookAttempt> {
    const delivery = this.#deliveries.get(attempt);
    if (delivery === undefined) throw new Error(`Webhook ${attempt.id} is not in this log`);
    const overrides = readOverrides(delivery.target);
    return this.#options.inFlight.track(this.#send(delivery, { ...overrides, retries: 0 }, attempt.id));
  }

  /** Aborts everything that is queued or being sent. */
  close(): void {
    this.#client.close();
  }

  /** Records on the timeline each webhook that would go to a product that is not emulated. */
  #noteUnsent(event: Notifiable, unsent: readonly Unsent[]): void {
    const { timeline, log } = this.#options;
    const conversationSid = "conversation" in event ? event.conversation.sid : undefined;
    for (const entry of unsent) {
      const at = isoMillis(event.at);
      timeline.add({ at, kind: "webhook", event: event.type, conversationSid, ...entry });
      log(`webhook ${event.type}: ${entry.error}`);
    }
  }

  /** Sends the messages, beginning with an index, to a new webhook ("Conversation Scoped Webhook Resource", ReplayAfter). */
  #replay(conversation: Conversation, webhook: ScopedWebhook, from: number): void {
    for (const message of conversation.messages.upFrom(from)) {
      const targets = scopedTarget(webhook, "onMessageAdded", message.body);
      const fields = eventFields(this.#options.account().sid, replayed(message));
      for (const target of targets) this.#enqueue(conversation.sid, target, fields);
    }
  }

  #enqueue(
    owner: string,
    target: Target,
    fields: Parameters,
    answered: (attempt: WebhookAttempt) => void = nothing,
  ): void {
    const key = `${owner} ${target.webhookSid ?? target.scope}`;
    this.#faults.enter(key, target, fields, (repeat) => this.#queue(key, target, fields, repeat, answered));
  }

  #queue(
    key: string,
    target: Target,
    fields: Parameters,
    repeat: Repeat,
    answered: (attempt: WebhookAttempt) => void,
  ): void {
    const before = this.#queues.get(key) ?? Promise.resolve();
    const delivery = before
      .then(() => this.#options.committed())
      .then(() => this.#deliver(target, fields, repeat))
      .then(answered, (error: unknown) => this.#options.log(`webhook to ${target.url}: ${error}`));
    this.#queues.set(key, delivery);
    const end = this.#options.inFlight.begin();
    void delivery.finally(() => {
      if (this.#queues.get(key) === delivery) this.#queues.delete(key);
      end();
    });
  }

  /**
   * A 2xx status accepts the action, with the modifications in a JSON body (the page says 200; public middleware that
   * works with Twilio responds with 201); any other status rejects it; without a response within five seconds it is
   * accepted unmodified.
   */
  async #callPreActionWebhook(target: Target, action: PendingAction): Promise<Modifications> {
    const fields = actionFields(this.#options.account().sid, action);
    const { response } = await this.#deliver(target, fields, once);
    if (response === null) return new Map();
    if (response.status < 200 || response.status > 299) throw requestRules.preActionRejected();
    return readModifications(response.body);
  }

  /** Delivers as often as `repeat` determines, with the retries of the connection overrides in the target's URL. */
  #deliver(target: Target, fields: Parameters, repeat: Repeat): Promise<WebhookAttempt> {
    const sent =
      target.webhookSid === undefined
        ? fields
        : new Map<string, string | readonly string[]>(fields).set("WebhookSid", target.webhookSid);
    const delivery = { target, fields: sent, token: this.#options.ids.uuid(), attempts: 0 };
    return repeat(() => this.#send({ ...delivery }, readOverrides(target), null));
  }

  #send(
    delivery: WebhookDelivery,
    overrides: ConnectionOverrides | DeliveryError,
    redeliveryOf: number | null,
  ): Promise<WebhookAttempt> {
    if ("code" in overrides) {
      const unsent = { status: undefined, body: undefined, error: overrides };
      return this.#attempt(delivery, redeliveryOf, async () => unsent);
    }
    return attemptWithRetries(this.#options.clock, overrides, (limits) =>
      this.#attempt(delivery, redeliveryOf, (request) =>
        this.#faults.send(delivery.target, delivery.fields, () => this.#client.send(request, limits)),
      ),
    );
  }

  async #attempt(
    delivery: WebhookDelivery,
    redeliveryOf: number | null,
    send: (request: OutgoingRequest) => Promise<Outcome>,
  ): Promise<WebhookAttempt> {
    const { account, rules, clock, timeline } = this.#options;
    const { target, fields, token, attempts: retryCount } = delivery;
    delivery.attempts += 1;
    const counted =
      target.scope === "number"
        ? fields
        : new Map<string, string | readonly string[]>(fields).set("RetryCount", `${retryCount}`);
    const request = buildRequest(account().authToken, rules(), target, counted, token);
    const at = isoMillis(clock.now());
    const begun = clock.elapsed();
    const outcome = await send(request);
    const sid = textOf(fields, "ConversationSid");
    this.#lastId += 1;
    const attempt: WebhookAttempt = {
      id: this.#lastId,
      at,
      event: textOf(fields, "EventType") ?? "incomingMessage",
      conversationSid: isSid("CH", sid) ? sid : undefined,
      scope: target.scope,
      webhookSid: target.webhookSid,
      retryCount,
      redeliveryOf,
      request,
      response: outcome.status === undefined ? null : { status: outcome.status, body: outcome.body },
      error: outcome.error ?? statusError(outcome.status),
      durationMs: clock.elapsed() - begun,
    };
    this.attempts.add(attempt);
    this.#deliveries.set(attempt, delivery);
    const { id, event, conversationSid, webhookSid, scope, error, durationMs } = attempt;
    const summary = { url: request.url, status: outcome.status ?? null, error, retryCount, attempt: id };
    timeline.add({ at, kind: "webhook", event, conversationSid, scope, webhookSid, ...summary, durationMs });
    return attempt;
  }
}

function nothing(): void {}

function statusError(status: number): DeliveryError | null {
  if (status >= 400) return { code: 11217, message: `HTTP error response code: ${status}` };
  if (status < 300) return null;
  return { code: 11200, message: `HTTP retrieval failure: ${status}, and redirects are not followed` };
}

/** The fields of a JSON object; none for anything else. */
function readModifications(body: string): Modifications {
  if (body.trim() === "") return new Map();
  try {
    return objectEntries(JSON.parse(body)) ?? new Map();
  } catch {
    // TwiML or plain text: the action is accepted.
    return new Map();
  }
}
