import type { Service } from "../domain/account-model.ts";
import type { DomainEvent } from "../domain/events.ts";
import type { User } from "../domain/model.ts";
import { hasUnread } from "../domain/read-horizon.ts";

/**
 * How many one-to-one conversations of a user, of two participants, have unread messages ("Push Notification
 * Configuration for Conversations", Badge Count). Without a read horizon no message is unread.
 */
export function countBadge(user: User): number {
  let count = 0;
  for (const participant of user.memberships.values())
    if (participant.conversation.participants.size === 2 && hasUnread(participant)) count += 1;
  return count;
}

/** The users with a badge whose number an event may have lowered. */
export function badgeHolders(event: DomainEvent): readonly User[] {
  return [...candidates(event)].filter((user) => user.badge > 0);
}

function candidates(event: DomainEvent): Iterable<User> {
  switch (event.type) {
    case "onParticipantAdded":
    case "onParticipantUpdated":
    case "onParticipantRemoved": {
      const { participantsByIdentity, service } = event.conversation;
      return usersOf(service, [...participantsByIdentity.keys(), event.participant.identity ?? ""]);
    }
    case "onMessageRemoved": {
      const { participantsByIdentity, service } = event.conversation;
      return usersOf(service, [...participantsByIdentity.keys()]);
    }
    case "onConversationRemoved":
      // Its participants are no longer known.
      return event.conversation.service.users.values();
    default:
      return [];
  }
}

function usersOf(service: Service, identities: readonly string[]): readonly User[] {
  return [...new Set(identities)].flatMap((identity) => service.usersByIdentity.get(identity) ?? []);
}
