import { isGroupBinding } from "./bindings.ts";
import { holdGroup, releaseGroup } from "./groups.ts";
import type { Conversation, MessagingBinding, Origin, Participant } from "./model.ts";
import { bindPair, releasePair } from "./pairs.ts";
import { countHolder } from "./roles.ts";
import type { World } from "./world.ts";

/** Adds a participant to every index. The user of a chat participant exists already. */
export function joinConversation(world: World, participant: Participant): void {
  const { conversation, roleSid } = participant;
  conversation.participants.add(participant);
  countHolder(conversation.service, roleSid, 1);
  enterIdentity(participant);
  enterBinding(world, participant);
}

/** Removes a participant from every index, without an event. */
export function leaveConversation(world: World, participant: Participant): void {
  const { conversation, roleSid } = participant;
  conversation.participants.delete(participant);
  countHolder(conversation.service, roleSid, -1);
  dropIdentity(participant);
  dropBinding(world, participant);
}

/** Changes the identity or binding of a participant, already checked. */
export function rebind(
  world: World,
  participant: Participant,
  identity: string | null,
  binding: MessagingBinding | null,
): void {
  dropIdentity(participant);
  dropBinding(world, participant);
  participant.identity = identity;
  participant.binding = binding;
  enterIdentity(participant);
  enterBinding(world, participant);
}

/** Removes a participant without a pre-action webhook, as a consequence of another removal. */
export function expelParticipant(world: World, participant: Participant, origin: Origin): void {
  const { conversation } = participant;
  leaveConversation(world, participant);
  world.publish({ type: "onParticipantRemoved", at: world.clock.now(), origin, conversation, participant });
}

/**
 * Releases the number pairs and group of a conversation that closes, and no longer counts it for the identity limit.
 */
export function releaseOnClosing(world: World, conversation: Conversation): void {
  releaseGroup(world, conversation);
  const { usersByIdentity } = conversation.service;
  for (const participant of conversation.participants.values()) {
    releasePair(world, participant);
    const user = usersByIdentity.get(participant.identity ?? "");
    if (user !== undefined) user.openMemberships -= 1;
  }
}

function enterIdentity(participant: Participant): void {
  const { conversation, identity } = participant;
  if (identity === null) return;
  conversation.participantsByIdentity.set(identity, participant);
  const user = conversation.service.usersByIdentity.get(identity);
  if (user === undefined) return;
  user.memberships.set(conversation.sid, participant);
  user.openMemberships += 1;
}

function dropIdentity({ conversation, identity }: Participant): void {
  if (identity === null) return;
  conversation.participantsByIdentity.delete(identity);
  const user = conversation.service.usersByIdentity.get(identity);
  if (user?.memberships.delete(conversation.sid) && conversation.state !== "closed")
    user.openMemberships -= 1;
}

function enterBinding(world: World, participant: Participant): void {
  const { conversation, binding } = participant;
  if (binding === null) return;
  bindPair(world, participant);
  indexAddress(participant);
  if (binding.address !== null) {
    const { participantsByAddress } = conversation.service;
    const others = participantsByAddress.get(binding.address);
    if (others === undefined) participantsByAddress.set(binding.address, new Set([participant]));
    else others.add(participant);
  }
  if (!isGroupBinding(binding)) return;
  conversation.groupMembers.add(participant);
  holdGroup(world, conversation);
}

function dropBinding(world: World, participant: Participant): void {
  const { conversation, binding } = participant;
  if (binding === null) return;
  releasePair(world, participant);
  dropAddress(participant);
  if (binding.address !== null) {
    const { participantsByAddress } = conversation.service;
    const others = participantsByAddress.get(binding.address);
    others?.delete(participant);
    if (others?.size === 0) participantsByAddress.delete(binding.address);
  }
  if (conversation.groupMembers.delete(participant) && conversation.state !== "closed")
    holdGroup(world, conversation);
}

function dropAddress(participant: Participant): void {
  const { conversation } = participant;
  const address = ownAddressOf(participant);
  if (address === undefined || conversation.participantsByAddress.get(address) !== participant) return;
  conversation.participantsByAddress.delete(address);
  for (const other of conversation.participants.values()) if (other !== participant) indexAddress(other);
}

function indexAddress(participant: Participant): void {
  const address = ownAddressOf(participant);
  const index = participant.conversation.participantsByAddress;
  if (address !== undefined && !index.has(address)) index.set(address, participant);
}

/** The address under which a participant writes: their own, or the projected one. */
function ownAddressOf({ binding }: Participant): string | undefined {
  return binding?.address ?? binding?.projectedAddress ?? undefined;
}
