import type { Origin, Participant } from "./model.ts";
import { bindPair, releasePair } from "./pairs.ts";
import type { World } from "./world.ts";

/** Enters a participant into every index. The user of a chat participant exists already. */
export function joinConversation(world: World, participant: Participant): void {
  const { conversation, identity, binding } = participant;
  conversation.participants.add(participant);
  if (binding !== null) {
    bindPair(world, participant, binding);
    indexAddress(participant);
  }
  if (identity !== null) {
    conversation.participantsByIdentity.set(identity, participant);
    const user = conversation.service.usersByIdentity.get(identity);
    user?.memberships.set(conversation.sid, participant);
    if (user !== undefined) user.openMemberships += 1;
  }
}

/** Takes a participant out of every index, silently. */
export function leaveConversation(world: World, participant: Participant): void {
  const { conversation, identity, binding } = participant;
  conversation.participants.delete(participant);
  releasePair(world, participant);
  if (identity !== null) {
    conversation.participantsByIdentity.delete(identity);
    const user = conversation.service.usersByIdentity.get(identity);
    if (user?.memberships.delete(conversation.sid) && conversation.state !== "closed")
      user.openMemberships -= 1;
  }
  if (binding !== null && conversation.participantsByAddress.get(binding.address) === participant) {
    conversation.participantsByAddress.delete(binding.address);
    for (const other of conversation.participants.values()) indexAddress(other);
  }
}

/** Removes a participant without asking a pre-action webhook: for what follows from another removal. */
export function expelParticipant(world: World, participant: Participant, origin: Origin): void {
  const { conversation } = participant;
  leaveConversation(world, participant);
  world.publish({ type: "onParticipantRemoved", at: world.clock.now(), origin, conversation, participant });
}

/** Frees what participants hold when their conversation closes: number pairs, and places under the identity limit. */
export function releaseOnClosing(world: World, participants: Iterable<Participant>): void {
  for (const participant of participants) {
    releasePair(world, participant);
    if (participant.identity === null) continue;
    const user = participant.conversation.service.usersByIdentity.get(participant.identity);
    if (user !== undefined) user.openMemberships -= 1;
  }
}

function indexAddress(participant: Participant): void {
  const address = participant.binding?.address;
  const index = participant.conversation.participantsByAddress;
  if (address !== undefined && !index.has(address)) index.set(address, participant);
}
