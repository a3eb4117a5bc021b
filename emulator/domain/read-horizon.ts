import type { Origin, Participant } from "./model.ts";
import { participantRules } from "./rules/participant.ts";
import type { World } from "./world.ts";

/*
 * How far a participant has read ("Read Horizon and Read Status in Conversations"). Nobody has a read horizon until
 * it is set.
 */

/** Counts stop here ("User Conversation Resource"). */
const mostUnread = 1000;

/** What a caller says of a read horizon; undefined is what they do not mention. */
export interface HorizonChanges {
  /** The index of a message; "null" takes the horizon away. */
  readonly lastReadMessageIndex: string | undefined;
  readonly lastReadTimestamp: number | null | undefined;
}

/**
 * A participant's read horizon as it would be. The timestamp is when it was set last, so it comes and goes with the
 * index unless the caller has one of their own.
 */
export function moveHorizon(
  world: World,
  present: Participant,
  { lastReadMessageIndex, lastReadTimestamp }: HorizonChanges,
): Pick<Participant, "lastReadMessageIndex" | "lastReadTimestamp"> {
  if (lastReadMessageIndex === undefined) {
    const timestamp = lastReadTimestamp === undefined ? present.lastReadTimestamp : lastReadTimestamp;
    return { lastReadMessageIndex: present.lastReadMessageIndex, lastReadTimestamp: timestamp };
  }
  const index = checkIndex(lastReadMessageIndex);
  const setAt = index === null ? null : world.clock.now();
  return {
    lastReadMessageIndex: index,
    lastReadTimestamp: lastReadTimestamp === undefined ? setAt : lastReadTimestamp,
  };
}

/**
 * Moves a participant's read horizon on to the message of that index, and never back: what a person reads in their
 * own app does so by itself. A closed conversation stays as it is.
 */
export function advanceReadHorizon(
  world: World,
  participant: Participant,
  index: number,
  origin: Origin,
): void {
  const { conversation, lastReadMessageIndex } = participant;
  if (conversation.state === "closed" || index <= (lastReadMessageIndex ?? -1)) return;
  const now = world.clock.now();
  Object.assign(participant, { lastReadMessageIndex: index, lastReadTimestamp: now, dateUpdated: now });
  world.publish({ type: "onParticipantUpdated", at: now, origin, conversation, participant });
}

/**
 * How many messages come after the read horizon, whoever wrote them, at most 1000; null while there is no horizon.
 * Messages that were deleted do not count.
 */
export function countUnread({ conversation, lastReadMessageIndex }: Participant): number | null {
  if (lastReadMessageIndex === null) return null;
  let count = 0;
  for (const _ of conversation.messages.upFrom(lastReadMessageIndex + 1)) {
    count += 1;
    if (count === mostUnread) break;
  }
  return count;
}

/** Whether a message comes after the read horizon; not while there is none. */
export function hasUnread({ conversation, lastReadMessageIndex }: Participant): boolean {
  if (lastReadMessageIndex === null) return false;
  for (const _ of conversation.messages.upFrom(lastReadMessageIndex + 1)) return true;
  return false;
}

function checkIndex(text: string): number | null {
  if (text === "" || text === "null") return null;
  if (!/^\d{1,15}$/.test(text)) throw participantRules.lastReadIndexInvalid();
  return Number(text);
}
