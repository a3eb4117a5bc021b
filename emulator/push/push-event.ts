import type { DomainEvent } from "../domain/events.ts";
import type { Conversation, Message, Participant } from "../domain/model.ts";

/** The kinds of push notifications, as a service's configuration names them. */
export type PushKind =
  | "newMessage"
  | "newMessageWithMedia"
  | "addedToConversation"
  | "removedFromConversation";

/** An event that devices may be notified of. */
export interface PushEvent {
  readonly kind: PushKind;
  readonly conversation: Conversation;
  /** The message, for the two kinds that are about one. */
  readonly message: Message | undefined;
  /** The participant who caused the event, if any, and the identity or author name that caused it. */
  readonly actor: Participant | undefined;
  readonly actorName: string;
  /** The chat participants to notify. */
  readonly recipients: readonly Participant[];
}

/**
 * The notification for an event: for a message, all chat participants except its author; for an addition or removal,
 * the participant, unless they caused it. Deleting a conversation is not a removal (assumed). Requests by the account
 * are attributed to "system", as for authors.
 */
export function pushEventOf(event: DomainEvent): PushEvent | undefined {
  if (event.type === "onMessageAdded") return newMessage(event.message);
  if (event.type !== "onParticipantAdded" && event.type !== "onParticipantRemoved") return undefined;
  const { conversation, participant, origin } = event;
  const { clientIdentity } = origin;
  if (participant.identity === null || participant.identity === clientIdentity) return undefined;
  return {
    kind: event.type === "onParticipantAdded" ? "addedToConversation" : "removedFromConversation",
    conversation,
    message: undefined,
    actor: conversation.participantsByIdentity.get(clientIdentity ?? ""),
    actorName: clientIdentity ?? "system",
    recipients: [participant],
  };
}

/** A message with media is a media message, also when it has a body (assumed). */
function newMessage(message: Message): PushEvent {
  const { conversation, participantSid } = message;
  const chat = [...conversation.participantsByIdentity.values()];
  return {
    kind: message.media.length === 0 ? "newMessage" : "newMessageWithMedia",
    conversation,
    message,
    actor: conversation.participants.get(participantSid ?? ""),
    actorName: message.author,
    recipients: chat.filter(({ sid }) => sid !== participantSid),
  };
}
