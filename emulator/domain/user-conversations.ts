import type { Conversation, NotificationLevel, Origin, Participant } from "./model.ts";
import { checkLastReadIndex } from "./participant-changes.ts";
import { userRules } from "./rules/user.ts";
import { checkPresent } from "./states.ts";
import type { World } from "./world.ts";

/** Counts stop here ("User Conversation Resource"). */
const mostUnread = 1000;

/** What a caller changes of a user's place in a conversation; undefined is what they do not mention. */
export interface UserConversationChanges {
  /** `default` or `muted`, in any case. */
  readonly notificationLevel: string | undefined;
  /** "null" takes it away. */
  readonly lastReadMessageIndex: string | undefined;
  readonly lastReadTimestamp: number | null | undefined;
}

/** Mutes a conversation for a user, or moves their read horizon. */
export function updateUserConversation(
  world: World,
  participant: Participant,
  changes: UserConversationChanges,
  origin: Origin,
): void {
  const { conversation } = participant;
  checkPresent(conversation);
  const level =
    changes.notificationLevel === undefined
      ? participant.notificationLevel
      : checkLevel(changes.notificationLevel);
  const index =
    changes.lastReadMessageIndex === undefined
      ? participant.lastReadMessageIndex
      : checkLastReadIndex(changes.lastReadMessageIndex);
  const { lastReadTimestamp = participant.lastReadTimestamp } = changes;
  const now = world.clock.now();
  Object.assign(participant, {
    notificationLevel: level,
    lastReadMessageIndex: index,
    lastReadTimestamp,
    dateUpdated: now,
  });
  world.publish({ type: "onParticipantUpdated", at: now, origin, conversation, participant });
}

/**
 * How many messages come after the read horizon, at most 1000; null while there is no horizon ("Read Horizon and
 * Read Status in Conversations").
 */
export function countUnread(
  { messages }: Conversation,
  { lastReadMessageIndex }: Participant,
): number | null {
  if (lastReadMessageIndex === null) return null;
  let count = 0;
  for (const _ of messages.upFrom(lastReadMessageIndex + 1)) {
    count += 1;
    if (count === mostUnread) break;
  }
  return count;
}

function checkLevel(text: string): NotificationLevel {
  const lower = text.toLowerCase();
  if (lower !== "default" && lower !== "muted") throw userRules.notificationLevelInvalid();
  return lower;
}
