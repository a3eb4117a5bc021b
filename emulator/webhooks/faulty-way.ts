import type { Clock } from "../clock.ts";
import type { Faults } from "../faults/faults.ts";
import type { Rule, RuleOf, WebhookEffect } from "../faults/rule.ts";
import type { Subject } from "../faults/subject.ts";
import type { Outcome } from "./http-client.ts";
import { type Parameters, textOf } from "./payload.ts";
import type { Target } from "./targets.ts";

/** Delivers a webhook as often as it is to be; what became of the first counts. */
export type Repeat = <T>(deliver: () => Promise<T>) => Promise<T>;

type EffectOnWire = Extract<WebhookEffect, { readonly name: "fail" | "drop" }>;
type EffectInQueue = Exclude<WebhookEffect, EffectOnWire>;

/** A webhook that lets others go first. */
interface Overtaken {
  /** One of them has gone. */
  overtake(): void;
}

/** What faults do to webhooks between the event and the target. */
export class FaultyWay {
  readonly #faults: Faults;
  readonly #clock: Clock;
  readonly #overtaken = new Map<string, Set<Overtaken>>();

  constructor(faults: Faults, clock: Clock) {
    this.#faults = faults;
    this.#clock = clock;
  }

  /**
   * Calls `leave`, which puts a webhook into its queue: now or later, to be delivered once or twice. What comes to a
   * number waits for the answer of its webhook, which is not held back.
   */
  enter(queue: string, target: Target, fields: Parameters, leave: (repeat: Repeat) => void): void {
    // What is held back after this one does not wait for it.
    const before = [...(this.#overtaken.get(queue) ?? [])];
    const go = (repeat: Repeat) => {
      leave(repeat);
      for (const other of before) other.overtake();
    };
    const fault = target.scope === "number" ? undefined : this.#strike(isForQueue, target, fields);
    if (fault === undefined) {
      go(once);
      return;
    }
    const { id, effect } = fault;
    if (effect.name === "duplicate") {
      go(effect.atOnce ? twiceAtOnce : twiceInTurn);
      return;
    }
    const release = this.#faults.hold(id, () => go(once));
    if (effect.name === "delay") this.#clock.schedule(this.#clock.now() + effect.ms, release);
    if (effect.name === "reorder") this.#letPass(queue, effect.behind, release);
  }

  /** Attempts to send a webhook, if it gets so far, and says what Twilio sees of it. */
  async send(target: Target, fields: Parameters, send: () => Promise<Outcome>): Promise<Outcome> {
    const fault = this.#strike(isForWire, target, fields);
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

  #strike<R extends Rule>(
    mayInject: (rule: Rule) => rule is R,
    target: Target,
    fields: Parameters,
  ): R | undefined {
    if (!this.#faults.has("webhook")) return undefined;
    const [event, conversationSid] = [textOf(fields, "EventType"), textOf(fields, "ConversationSid")];
    const { scope, webhookSid, url } = target;
    const about = { event, conversationSid, scope, webhookSid, url };
    const places = {
      event: [event],
      conversation: [conversationSid],
      scope: [scope],
      webhookSid: [webhookSid],
    };
    const subject: Subject = {
      values: { ...places, url: [url], address: [...fields.values()].flat() },
      parameters: new Map([...fields].map(([name, value]) => [name, [value].flat()])),
    };
    return this.#faults.inject(mayInject, subject, about);
  }

  /** Lets `count` others into the queue before it calls `release`. */
  #letPass(queue: string, count: number, release: () => void): void {
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

const isForWire = (rule: Rule): rule is RuleOf<"webhook", EffectOnWire> =>
  rule.on === "webhook" && (rule.effect.name === "fail" || rule.effect.name === "drop");
const isForQueue = (rule: Rule): rule is RuleOf<"webhook", EffectInQueue> =>
  rule.on === "webhook" && !isForWire(rule);

/** Delivers it as it is. */
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
