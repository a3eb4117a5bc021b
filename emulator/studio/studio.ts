import { isoMillis } from "../dates.ts";
import { ActionLimiter } from "../domain/action-limiter.ts";
import { type DomainEvent, replayed } from "../domain/events.ts";
import type { Conversation, Message, ScopedWebhook } from "../domain/model.ts";
import { requestRules } from "../domain/rules/request.ts";
import { studioRules } from "../domain/rules/studio.ts";
import type { Sid } from "../sid.ts";
import { eventFields } from "../webhooks/payload.ts";
import { type Beginning, Engine, type EngineOptions } from "./engine.ts";
import { WidgetHttp } from "./http.ts";
import type { Execution, Flow, Json, JsonObject, Revision } from "./model.ts";
import { latestRevision, publishedRevision } from "./revisions.ts";
import { parseJson } from "./widget.ts";

type MessageAdded = ReturnType<typeof replayed>;
type DeliveryUpdated = Extract<DomainEvent, { type: "onDeliveryUpdated" }>;

/** The most new executions a second of an account, started by REST and by messages ("Studio FAQ"). */
const perSecond = { rest: 20, inbound: 100 };

/** Studio: starts executions, and delivers messages to them. */
export class Studio {
  readonly engine: Engine;
  readonly #options: EngineOptions;
  readonly #limitsRates: () => boolean;
  readonly #limiters = {
    rest: new ActionLimiter(perSecond.rest),
    inbound: new ActionLimiter(perSecond.inbound),
  };

  /** @param limitsRates Whether the number of new executions is limited. */
  constructor(options: Omit<EngineOptions, "http">, limitsRates: () => boolean) {
    this.#options = { ...options, http: new WidgetHttp(options.resources().clock) };
    this.#limitsRates = limitsRates;
    this.engine = new Engine(this.#options);
  }

  get state() {
    return this.#options.state;
  }

  /** Delivers a new message to the flows of a conversation's scoped webhooks, and earlier messages to a new webhook. */
  handle(event: DomainEvent): void {
    if (event.type === "webhookAttached") {
      if (event.replayAfter !== undefined) this.#replay(event.conversation, event.webhook, event.replayAfter);
      return;
    }
    if (event.type === "onDeliveryUpdated") this.#checkDelivery(event);
    if (event.type !== "onMessageAdded" || !event.origin.webhooks) return;
    for (const webhook of event.conversation.webhooks.values()) {
      if (webhook.target === "studio") this.#deliver(webhook, event, event.message.author);
    }
  }

  /** Later, when all receipts of the message exist. */
  #checkDelivery({ conversation, receipt: { status } }: DeliveryUpdated): void {
    if (status !== "failed" && status !== "undelivered") return;
    const { clock } = this.#options.resources();
    clock.schedule(clock.now(), () => {
      for (const flow of this.state.flows.values()) {
        const execution = flow.active.get(conversation.sid);
        if (execution !== undefined) this.engine.checkDelivery(execution);
      }
    });
  }

  /** Handles a message to a number whose messaging webhook is the URL of a flow. Returns false for other URLs. */
  receiveText(url: string, fields: ReadonlyMap<string, string>): boolean {
    const [, sid] =
      /^https?:\/\/webhooks\.twilio\.com\/v1\/Accounts\/AC[0-9a-f]{32}\/Flows\/(FW[0-9a-f]{32})$/i.exec(
        url,
      ) ?? [];
    if (sid === undefined) return false;
    const message = Object.fromEntries(fields);
    const [contact, address] = [fields.get("From") ?? "", fields.get("To") ?? ""];
    const flow = this.#flow(sid, undefined, undefined);
    if (flow === undefined) return true;
    this.#take(flow, contact, {
      key: keyOf(contact, address),
      party: { contact, address, conversationSid: undefined },
      event: "incomingMessage",
      trigger: { message },
      data: {},
      initiatedBy: fields.get("MessageSid") ?? "",
    });
    return true;
  }

  /** Starts an execution by request. One can be active for the same contact and number. */
  create(flow: Flow, to: string, from: string, data: Json): Execution {
    const key = keyOf(to, from);
    const active = flow.active.get(key);
    if (active !== undefined) throw studioRules.executionActive(active.sid);
    const revision = revisionFor(flow, to);
    if (revision === undefined) throw studioRules.nothingPublished();
    if (!this.#mayStart("rest")) throw requestRules.tooManyRequests();
    return this.engine.start(flow, revision, {
      key,
      party: { contact: to, address: from, conversationSid: undefined },
      event: "incomingRequest",
      trigger: { request: { to, from, parameters: data } },
      data,
      initiatedBy: this.#options.resources().account.sid,
    });
  }

  /** Resumes the executions that were active in the previous run. */
  resume(): void {
    for (const flow of this.state.flows.values()) {
      for (const execution of new Set(flow.active.values())) this.engine.resume(execution);
    }
  }

  close(): void {
    this.#options.http.close();
  }

  /** Sends earlier messages to a new webhook, one after another. Messages sent by REST are omitted (assumed). */
  #replay(conversation: Conversation, webhook: ScopedWebhook, from: number): void {
    if (webhook.target !== "studio") return;
    const replay = async () => {
      for (const message of [...conversation.messages.upFrom(from)]) {
        if (message.source === "API") continue;
        // Observed: the contact of a replayed message is the conversation.
        this.#deliver(webhook, replayed(message), conversation.sid);
        const execution = this.state.flows.get(webhook.flowSid ?? "")?.active.get(conversation.sid);
        if (execution !== undefined) await this.engine.settled(execution);
      }
    };
    void this.#options.inFlight.track(replay());
  }

  #deliver({ sid, flowSid }: ScopedWebhook, event: MessageAdded, contact: string): void {
    const { conversation, message } = event;
    const flow = this.#flow(flowSid ?? "", conversation.sid, sid);
    if (flow === undefined) return;
    const account = this.#options.resources().account.sid;
    this.#take(flow, message.author, {
      key: conversation.sid,
      party: { contact, address: addressIn(conversation, message), conversationSid: conversation.sid },
      event: "incomingConversationMessage",
      trigger: { conversation: conversationFields(account, event) },
      data: {},
      initiatedBy: message.sid,
    });
  }

  /** Passes a message to the execution that waits for one, or starts one. */
  #take(flow: Flow, author: string, beginning: Beginning): void {
    const active = flow.active.get(beginning.key);
    if (active === undefined) {
      const revision = revisionFor(flow, author);
      if (revision === undefined) this.#tell({ flowSid: flow.sid }, "the flow has no published revision");
      else if (!this.#mayStart("inbound")) this.#tell({ flowSid: flow.sid }, TOO_MANY);
      else this.engine.start(flow, revision, beginning);
      return;
    }
    const [fields = {}] = Object.values(beginning.trigger);
    const isConversation = active.party.conversationSid !== undefined;
    if (this.engine.receive(active, { fields: fields as JsonObject, isConversation })) return;
    const about = {
      flowSid: flow.sid,
      executionSid: active.sid,
      conversationSid: active.party.conversationSid,
    };
    this.#tell(about, "no step of the execution waits for a message: this one is ignored");
  }

  /** Counts a new execution. */
  #mayStart(kind: keyof typeof perSecond): boolean {
    return (
      !this.#limitsRates() || this.#limiters[kind].take("account", this.#options.resources().clock.now())
    );
  }

  #flow(
    flowSid: string,
    conversationSid: Sid<"CH"> | undefined,
    webhookSid: Sid<"WH"> | undefined,
  ): Flow | undefined {
    const flow = this.state.flows.get(flowSid);
    if (flow === undefined) {
      const message = `there is no Studio flow ${flowSid} here: create it through /v2/Flows`;
      this.#tell({ conversationSid, webhookSid, flowSid }, message);
      this.#options.log(`studio: ${message}`);
    }
    return flow;
  }

  #tell(about: Readonly<Record<string, unknown>>, message: string): void {
    const { timeline, resources } = this.#options;
    timeline.add({ at: isoMillis(resources().clock.now()), kind: "studio", type: "note", ...about, message });
  }
}

const TOO_MANY = `20429: Too Many Requests: more than ${perSecond.inbound} new executions a second`;

function keyOf(contact: string, address: string): string {
  return `${contact}\n${address}`;
}

/** Test users get the newest revision, others the published one. */
function revisionFor(flow: Flow, user: string): Revision | undefined {
  return flow.testUsers.includes(user) ? latestRevision(flow) : publishedRevision(flow);
}

/** The proxy address of the message's sender, or of another participant outside chat. */
function addressIn({ participants, participantsByAddress }: Conversation, { author }: Message): string {
  const binding = participantsByAddress.get(author)?.binding;
  const first = [...participants.values()].find((one) => one.binding?.proxyAddress)?.binding;
  return binding?.proxyAddress ?? first?.proxyAddress ?? "";
}

/** `trigger.conversation`: the webhook's parameters, and fields that Studio adds ("Trigger widget"). */
function conversationFields(account: Sid<"AC">, event: MessageAdded): JsonObject {
  const { conversation, message } = event;
  return {
    ...Object.fromEntries(eventFields(account, event)),
    Body: message.body ?? "",
    From: message.author,
    ChannelSid: conversation.sid,
    ChannelAttributes: parseJson(conversation.attributes) ?? {},
  };
}
