import { isoMillis } from "./dates.ts";
import type { DomainEvent } from "./domain/events.ts";
import { reachabilityOf } from "./domain/reachability.ts";
import { Recent } from "./recent.ts";

/** One entry: `at` by the emulator's clock (ISO 8601, ms), `durationMs` in real time. */
export interface TimelineEntry {
  readonly at: string;
  readonly kind:
    | "request"
    | "event"
    | "webhook"
    | "delivery"
    | "inbound"
    | "push"
    | "fault"
    | "studio"
    | "connection"
    | "sdk";
  readonly durationMs?: number;
  readonly [detail: string]: unknown;
}

/** The latest requests, events, webhooks, deliveries to phones, messages from them, pushes and faults. */
export type Timeline = Recent<TimelineEntry>;

/** A timeline of the latest 10,000 entries; `added` is called for every one. */
export function createTimeline(added?: (entry: TimelineEntry) => void): Timeline {
  return new Recent(10_000, added);
}

/** A domain event for the timeline: with the SIDs that it refers to. */
export function describeEvent(event: DomainEvent): TimelineEntry {
  const { type, origin, at } = event;
  const base = { at: isoMillis(at), kind: "event" as const, type, source: origin.source };
  if (!("conversation" in event)) {
    const { sid: userSid, identity } = event.user;
    const reachability =
      event.type === "reachabilityUpdated" ? reachabilityOf(event.service, event.user) : {};
    return { ...base, userSid, identity, ...reachability };
  }
  const conversationSid = event.conversation.sid;
  if ("transition" in event) return { ...base, conversationSid, ...event.transition };
  if ("participant" in event) return { ...base, conversationSid, participantSid: event.participant.sid };
  if ("receipt" in event) {
    const { sid: receiptSid, status, errorCode, participantSid } = event.receipt;
    return {
      ...base,
      conversationSid,
      messageSid: event.message.sid,
      receiptSid,
      participantSid,
      status,
      errorCode,
    };
  }
  if ("message" in event) {
    const { sid: messageSid, seq: index, author, body } = event.message;
    return { ...base, conversationSid, messageSid, index, author, body };
  }
  if ("failure" in event) {
    const { code, message } = event.failure;
    return { ...base, conversationSid, errorCode: 50427, cause: { code, message } };
  }
  return "webhook" in event
    ? { ...base, conversationSid, webhookSid: event.webhook.sid }
    : { ...base, conversationSid };
}
