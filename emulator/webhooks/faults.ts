import type { Clock } from "../clock.ts";
import type { Fault, FaultOf, WebhookEffect } from "../faults/fault.ts";
import type { Faults } from "../faults/faults.ts";
import type { Subject } from "../faults/subject.ts";
import type { Outcome } from "./http-client.ts";
import { type Parameters, textOf } from "./payload.ts";
import type { Target } from "./targets.ts";

/** Delivers a webhook once or several times. Resolves to the outcome of the first delivery. */
export type Repeat = <T>(deliver: () => Promise<T>) => Promise<T>;

type SendingEffect = Extract<WebhookEffect, { readonly name: "fail" | "drop" }>;
type QueueEffect = Exclude<WebhookEffect, SendingEffect>;

/** A webhook that is reordered behind others. */
interface Overtaken {
  /** Counts one webhook that was queued before it. */
  overtake(): void;
}

/** Faults of webhooks, between the event and the target. */
export class WebhookFaults {
  readonly #faults: Faults;
  readonly #clock: Clock;
  readonly #overtaken = new Map<string, Set<Overtaken>>();

  constructor(faults: Faults, clock: Clock) {
    this.#faults = faults;
    this.#clock = clock;
  }

  /**
   * Calls `enqueue` now or later, to deliver a webhook once or twice. The messaging webhooks of numbers are never held
   * back, since the message waits for the response.
   */
  enter(queue: string, target: Target, fields: Parameters, enqueue: (repeat: Repeat) => void): void {
    // Webhooks that are reordered later do not wait for this one.
    const before = [...(this.#overtaken.get(queue) ?? [])];
    const release = (repeat: Repeat) => {
      enqueue(repeat);
      for (const other of before) other.overtake();
    };
    const fault = target.scope === "number" ? undefined : this.#match(isForQueue, target, fields);
    if (fault === undefined) {
      release(once);
      return;
    }
    const { id, effect } = fault;
    if (effect.name === "duplicate") {
      release(effect.atOnce ? twiceAtOnce : twiceInTurn);
      return;
    }
    const resume = this.#faults.hold(id, () => release(once));
    if (effect.name === "delay") this.#clock.schedule(this.#clock.now() + effect.ms, resume);
    if (effect.name === "reorder") this.#waitFor(queue, effect.behind, resume);
  }

  /** Sends a webhook, unless a fault prevents it. Resolves to the outcome that Twilio sees. */
  async send(target: Target, fields: Parameters, send: () => Promise<Outcome>): Promise<Outcome> {
    const fault = this.#match(isForSending, target, fields);
    if (fault === undefined) return send();
    const { id, effect } = fault;
    if (effect.when === "after") await send();
    if (effect.name === "fail") return { status: effect.status, headers: {}, body: "", error: undefined };
    const error =
      effect.when === "before"
        ? { code: 11205, message: `HTTP connection failure: the fault ${id}` }
        : { code: 11200, message: `HTTP retrieval failure: the fault ${id}` };
    return { status: undefined, body: undefined, error };
  }

  #match<R extends Fault>(
    applies: (fault: Fault) => fault is R,
    target: Target,
    fields: Parameters,
  ): R | undefined {
    if (!this.#faults.has("webhook")) return undefined;
    const [event, conversationSid] = [textOf(fields, "EventType"), textOf(fields, "ConversationSid")];
    const { scope, webhookSid, url } = target;
    const about = { event, conversationSid, scope, webhookSid, url };
    const scopes = {
      event: [event],
      conversation: [conversationSid],
      scope: [scope],
      webhookSid: [webhookSid],
    };
    const subject: Subject = {
      values: { ...scopes, url: [url], address: [...fields.values()].flat() },
      parameters: new Map([...fields].map(([name, value]) => [name, [value].flat()])),
    };
    return this.#faults.inject(applies, subject, about);
  }

  /** Calls `release` once `count` other webhooks were queued. */
  #waitFor(queue: string, count: number, release: () => void): void {
    const waiting = this.#overtaken.get(queue) ?? new Set();
    let left = count;
    const overtaken = {
      overtake: () => {
        left -= 1;
        if (left > 0) return;
        waiting.delete(overtaken);
        release();
      },
    };
    this.#overtaken.set(queue, waiting.add(overtaken));
  }
}

const isForSending = (fault: Fault): fault is FaultOf<"webhook", SendingEffect> =>
  fault.on === "webhook" && (fault.effect.name === "fail" || fault.effect.name === "drop");
const isForQueue = (fault: Fault): fault is FaultOf<"webhook", QueueEffect> =>
  fault.on === "webhook" && !isForSending(fault);

/** Delivers it once. */
export const once: Repeat = (deliver) => deliver();

const twiceInTurn: Repeat = async (deliver) => {
  const outcome = await deliver();
  await deliver();
  return outcome;
};

const twiceAtOnce: Repeat = async (deliver) => {
  const [outcome] = await Promise.all([deliver(), deliver()]);
  return outcome;
};
