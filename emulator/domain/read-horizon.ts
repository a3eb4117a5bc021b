import type { Origin, Participant } from "./model.ts";
import type { World } from "./world.ts";

/**
 * Moves a participant's read horizon on to the message of that index, and never back ("Read Horizon and Read Status
 * in Conversations"). A closed conversation stays as it is.
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
  participant.lastReadMessageIndex = index;
  participant.lastReadTimestamp = now;
  participant.dateUpdated = now;
  world.publish({ type: "onParticipantUpdated", at: now, origin, conversation, participant });
}
