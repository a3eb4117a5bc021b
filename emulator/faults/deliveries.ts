import type { Clock } from "../clock.ts";
import type { Faults } from "./faults.ts";
import type { DeliveryEffect, Rule, RuleOf } from "./rule.ts";

/** A message on its way to a phone. */
export interface Delivery {
  readonly conversationSid: string;
  readonly messageSid: string;
  readonly address: string;
  readonly proxyAddress: string;
  readonly channel: string;
}

/** What a carrier says instead of delivering, with its error code. */
export interface Refusal {
  readonly status: "failed" | "undelivered";
  readonly code: number;
}

/**
 * Calls `arrive` when a message reaches its phone, or with the refusal when it never will: now, later, or, when it is
 * lost, not at all.
 */
export function carry(
  faults: Faults,
  clock: Clock,
  delivery: Delivery,
  arrive: (refusal: Refusal | undefined) => void,
): void {
  const { conversationSid, messageSid, address, proxyAddress, channel } = delivery;
  const values = {
    conversation: [conversationSid],
    address: [address],
    proxyAddress: [proxyAddress],
    channel: [channel],
  };
  const about = { conversationSid, messageSid, from: proxyAddress, to: address };
  const struck = faults.strike(isForDeliveries, { values, parameters: new Map() }, about);
  if (struck === undefined) {
    arrive(undefined);
    return;
  }
  const { id, effect } = struck;
  if (effect.name === "fail") arrive({ status: effect.status, code: effect.code });
  if (effect.name === "delay") {
    const release = faults.hold(id, () => arrive(undefined));
    clock.schedule(clock.now() + effect.ms, release);
  }
}

const isForDeliveries = (rule: Rule): rule is RuleOf<"delivery", DeliveryEffect> => rule.on === "delivery";
