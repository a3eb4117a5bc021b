import type { Origin, Participant } from "./model.ts";
import type { Resources } from "./resources.ts";
import { participantRules } from "./rules/participant.ts";

/*
 * How far a participant has read ("Read Horizon and Read Status in Conversations"). There is no read
 * horizon until it is set.
 */

/** The highest count ("User Conversation Resource"). */
const mostUnread = 1000;

/** Parameters of a read horizon; undefined when omitted. */
export interface HorizonChanges {
  /** The index of a message; "null" removes the horizon. */
  readonly lastReadMessageIndex: string | undefined;
  readonly lastReadTimestamp: number | null | undefined;
}

/**
 * The read horizon of a participant after a change. The timestamp is when it was set last, so it is set and removed with
 * the index unless the caller gives another one.
 */
export function moveHorizon(
  resources: Resources,
  present: Participant,
  { lastReadMessageIndex, lastReadTimestamp }: HorizonChanges,
): Pick<Participant, "lastReadMessageIndex" | "lastReadTimestamp"> {
  if (lastReadMessageIndex === undefined) {
    const timestamp = lastReadTimestamp === undefined ? present.lastReadTimestamp : lastReadTimestamp;
    return { lastReadMessageIndex: present.lastReadMessageIndex, lastReadTimestamp: timestamp };
  }
  const index = checkIndex(lastReadMessageIndex);
  const setAt = index === null ? null : resources.clock.now();
  return {
    lastReadMessageIndex: index,
    lastReadTimestamp: lastReadTimestamp === undefined ? setAt : lastReadTimestamp,
  };
}

/**
 * Advances a participant's read horizon to a message, never backwards, as reading in the person's own app does. A closed
 * conversation is not changed.
 */
export function advanceReadHorizon(
  resources: Resources,
  participant: Participant,
  index: number,
  origin: Origin,
): void {
  const { conversation, lastReadMessageIndex } = participant;
  if (conversation.state === "closed" || index <= (lastReadMessageIndex ?? -1)) return;
  const now = resources.clock.now();
  Object.assign(participant, { lastReadMessageIndex: index, lastReadTimestamp: now, dateUpdated: now });
  resources.publish({ type: "onParticipantUpdated", at: now, origin, conversation, participant });
}

/**
 * The number of messages after the read horizon, by any author, at most 1000; null while there is no horizon. Deleted
 * messages do not count.
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

/** Whether a message is after the read horizon; false while there is none. */
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
