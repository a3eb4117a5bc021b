import { parseIsoDuration } from "../dates.ts";
import type { Service } from "./account-model.ts";
import { releaseOnClosing } from "./membership.ts";
import type { Conversation, ConversationState, Origin, Timers } from "./model.ts";
import type { Resources } from "./resources.ts";
import { conversationRules } from "./rules/conversation.ts";
import { requestRules } from "./rules/request.ts";

/*
 * States and timers, after "Using States and Timers in Conversations": the closed countdown starts when the
 * inactive one has ended, or with the last activity when there is no inactive timer. Activity is a new message, a
 * change of state or new timers.
 */

const timerSource: Origin = { source: "API", webhooks: true };
const minuteMs = 60_000;

/** Timers that are off. */
export function noTimers(): Timers {
  return {
    inactiveAfter: undefined,
    closedAfter: undefined,
    dateInactive: undefined,
    dateClosed: undefined,
    wakeUp: undefined,
  };
}

/** Milliseconds of an inactive timer, at least one minute; undefined switches it off (PT0S). */
export function checkInactiveTimer(text: string): number | undefined {
  const duration = parseIsoDuration(text);
  if (duration === undefined) throw conversationRules.inactiveTimerInvalid();
  if (duration > 0 && duration < minuteMs) throw conversationRules.inactiveTimerTooShort();
  return duration === 0 ? undefined : duration;
}

/** Milliseconds of a closed timer, at least ten minutes; undefined switches it off (PT0S). */
export function checkClosedTimer(text: string): number | undefined {
  const duration = parseIsoDuration(text);
  if (duration === undefined) throw conversationRules.closedTimerInvalid();
  if (duration > 0 && duration < 10 * minuteMs) throw conversationRules.closedTimerTooShort();
  return duration === 0 ? undefined : duration;
}

/** Parses a state filter; case-insensitive. */
export function checkKnownState(state: string): ConversationState {
  return state.toLowerCase() === "initializing" ? "initializing" : checkState(state);
}

/** Parses a state that a caller may set, case-insensitive: active, inactive or closed. */
export function checkState(state: string): ConversationState {
  if (state === "") throw conversationRules.stateEmpty();
  const lower = state.toLowerCase();
  if (lower !== "active" && lower !== "inactive" && lower !== "closed")
    throw conversationRules.stateInvalid();
  return lower;
}

/** Throws when a conversation was deleted while the command waited. */
export function checkPresent(conversation: Conversation): void {
  if (conversation.removed) throw requestRules.notFound(`/Conversations/${conversation.sid}`);
}

/** Throws when a service was deleted while the command waited. */
export function checkServicePresent({ services }: Resources, service: Service): void {
  if (services.get(service.sid) === undefined) throw requestRules.notFound(`/Services/${service.sid}`);
}

/** Throws when the participants of a conversation are still joining ("Conversation with Participants Resource"). */
export function checkReady(conversation: Conversation): void {
  checkPresent(conversation);
  if (conversation.state === "initializing") throw conversationRules.initializing();
}

/** Throws when a conversation is deleted, initializing or closed. */
export function checkChangeable(conversation: Conversation): void {
  checkReady(conversation);
  if (conversation.state === "closed") throw conversationRules.closed();
}

/** Restarts the countdowns now. */
export function restartTimers(resources: Resources, conversation: Conversation): void {
  const { timers, state } = conversation;
  if (timers.inactiveAfter === undefined && timers.closedAfter === undefined && timers.wakeUp === undefined)
    return;
  const now = resources.clock.now();
  timers.dateInactive = timers.inactiveAfter === undefined ? undefined : now + timers.inactiveAfter;
  const closedFrom = state === "active" ? (timers.dateInactive ?? now) : now;
  timers.dateClosed = timers.closedAfter === undefined ? undefined : closedFrom + timers.closedAfter;
  arm(resources, conversation);
}

/** Changes the state of a conversation, with an event. Closing releases its number pairs. */
export function changeState(
  resources: Resources,
  conversation: Conversation,
  to: ConversationState,
  reason: "API" | "TIMER" | "EVENT",
  origin: Origin,
): void {
  const from = conversation.state;
  conversation.state = to;
  conversation.dateUpdated = resources.clock.now();
  if (to === "closed") {
    stopTimers(conversation);
    releaseOnClosing(resources, conversation);
  }
  resources.publish({
    type: "onConversationStateUpdated",
    at: resources.clock.now(),
    origin,
    conversation,
    transition: { from, to, reason },
  });
}

/** Handles a new message: the countdowns restart, and an inactive conversation becomes active. */
export function noteActivity(resources: Resources, conversation: Conversation, origin: Origin): void {
  if (conversation.state === "inactive") changeState(resources, conversation, "active", "EVENT", origin);
  restartTimers(resources, conversation);
}

/** Schedules the countdowns of a stored account: overdue countdowns elapse at once. */
export function resumeTimers(resources: Resources): void {
  for (const service of resources.services.values())
    for (const conversation of service.conversations.values()) arm(resources, conversation);
}

/** Stops the countdowns of a conversation that is closed or deleted. */
export function stopTimers(conversation: Conversation): void {
  conversation.timers.wakeUp?.cancel();
  conversation.timers.wakeUp = undefined;
}

/** When a timer next changes the state. */
function nextTransition({ state, timers }: Conversation): number | undefined {
  if (state === "active") return timers.dateInactive ?? timers.dateClosed;
  return state === "inactive" ? timers.dateClosed : undefined;
}

/**
 * Schedules a task at the next transition. An earlier task is kept, and schedules the next one itself, so that messages do
 * not reschedule timers.
 */
function arm(resources: Resources, conversation: Conversation): void {
  const { timers } = conversation;
  const at = nextTransition(conversation);
  if (at !== undefined && timers.wakeUp !== undefined && timers.wakeUp.at <= at) return;
  stopTimers(conversation);
  if (at === undefined) return;
  timers.wakeUp = { at, cancel: resources.clock.schedule(at, () => elapse(resources, conversation)) };
}

function elapse(resources: Resources, conversation: Conversation): void {
  conversation.timers.wakeUp = undefined;
  const at = nextTransition(conversation);
  const now = resources.clock.now();
  if (at !== undefined && at <= now) {
    const { timers } = conversation;
    const next = conversation.state === "active" && timers.dateInactive !== undefined ? "inactive" : "closed";
    if (next === "inactive" && timers.closedAfter !== undefined) timers.dateClosed = now + timers.closedAfter;
    changeState(resources, conversation, next, "TIMER", timerSource);
  }
  arm(resources, conversation);
}
