import type { Clock } from "../clock.ts";
import type { Sid } from "../sid.ts";
import type { DeliveryEffect, Fault, FaultOf } from "./fault.ts";
import type { Faults } from "./faults.ts";

/** A message to a phone. */
export interface OutboundMessage {
  readonly conversationSid: Sid<"CH">;
  readonly messageSid: Sid<"IM">;
  readonly address: string;
  readonly proxyAddress: string;
  readonly channel: string;
}

/** A carrier's status and error code for a message that is not delivered. */
export interface Rejection {
  readonly status: "failed" | "undelivered";
  readonly code: number;
}

/**
 * Calls `arrive` when a message reaches its phone, or with the rejection: at once, after a delay, or never when a fault
 * drops it.
 */
export function transmit(
  faults: Faults,
  clock: Clock,
  message: OutboundMessage,
  arrive: (rejection: Rejection | undefined) => void,
): void {
  const { conversationSid, messageSid, address, proxyAddress, channel } = message;
  const values = {
    conversation: [conversationSid],
    address: [address],
    proxyAddress: [proxyAddress],
    channel: [channel],
  };
  const about = { conversationSid, messageSid, from: proxyAddress, to: address };
  const fault = faults.inject(isForDeliveries, { values, parameters: new Map() }, about);
  if (fault === undefined) {
    arrive(undefined);
    return;
  }
  const { id, effect } = fault;
  if (effect.name === "fail") arrive({ status: effect.status, code: effect.code });
  if (effect.name === "delay") {
    const release = faults.hold(id, () => arrive(undefined));
    clock.schedule(clock.now() + effect.ms, release);
  }
}

const isForDeliveries = (fault: Fault): fault is FaultOf<"delivery", DeliveryEffect> =>
  fault.on === "delivery";
