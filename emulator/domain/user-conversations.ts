import type { NotificationLevel, Origin, Participant } from "./model.ts";
import { type HorizonChanges, moveHorizon } from "./read-horizon.ts";
import type { Resources } from "./resources.ts";
import { userRules } from "./rules/user.ts";
import { checkPresent } from "./states.ts";

/** Changes of a user's membership in a conversation; undefined when omitted. */
export interface UserConversationChanges extends HorizonChanges {
  /** `default` or `muted`, case-insensitive. */
  readonly notificationLevel: string | undefined;
}

/** Mutes a conversation for a user, or moves their read horizon. */
export function updateUserConversation(
  resources: Resources,
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
  const horizon = moveHorizon(resources, participant, changes);
  const now = resources.clock.now();
  Object.assign(participant, { ...horizon, notificationLevel: level, dateUpdated: now });
  resources.publish({ type: "onParticipantUpdated", at: now, origin, conversation, participant });
}

function checkLevel(text: string): NotificationLevel {
  const lower = text.toLowerCase();
  if (lower !== "default" && lower !== "muted") throw userRules.notificationLevelInvalid();
  return lower;
}
