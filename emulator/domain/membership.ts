import { isGroupBinding } from "./bindings.ts";
import { holdGroup, releaseGroup } from "./groups.ts";
import type { Conversation, MessagingBinding, Origin, Participant } from "./model.ts";
import { bindPair, releasePair } from "./pairs.ts";
import type { Resources } from "./resources.ts";
import { countHolder } from "./roles.ts";

/** Adds a participant to every index. The user of a chat participant exists already. */
export function joinConversation(resources: Resources, participant: Participant): void {
  const { conversation, roleSid } = participant;
  conversation.participants.add(participant);
  countHolder(conversation.service, roleSid, 1);
  enterIdentity(participant);
  enterBinding(resources, participant);
}

/** Removes a participant from every index, without an event. */
export function leaveConversation(resources: Resources, participant: Participant): void {
  const { conversation, roleSid } = participant;
  conversation.participants.delete(participant);
  countHolder(conversation.service, roleSid, -1);
  dropIdentity(participant);
  dropBinding(resources, participant);
}

/** Changes the identity or binding of a participant, already checked. */
export function rebind(
  resources: Resources,
  participant: Participant,
  identity: string | null,
  binding: MessagingBinding | null,
): void {
  dropIdentity(participant);
  dropBinding(resources, participant);
  participant.identity = identity;
  participant.binding = binding;
  enterIdentity(participant);
  enterBinding(resources, participant);
}

/** Removes a participant without a pre-action webhook, as a consequence of another removal. */
export function expelParticipant(resources: Resources, participant: Participant, origin: Origin): void {
  const { conversation } = participant;
  leaveConversation(resources, participant);
  resources.publish({
    type: "onParticipantRemoved",
    at: resources.clock.now(),
    origin,
    conversation,
    participant,
  });
}

/**
 * Releases the number pairs and group of a conversation that closes, and no longer counts it for the identity limit.
 */
export function releaseOnClosing(resources: Resources, conversation: Conversation): void {
  releaseGroup(resources, conversation);
  const { usersByIdentity } = conversation.service;
  for (const participant of conversation.participants.values()) {
    releasePair(resources, participant);
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

function enterBinding(resources: Resources, participant: Participant): void {
  const { conversation, binding } = participant;
  if (binding === null) return;
  bindPair(resources, participant);
  indexAddress(participant);
  if (binding.address !== null) {
    const { participantsByAddress } = conversation.service;
    const others = participantsByAddress.get(binding.address);
    if (others === undefined) participantsByAddress.set(binding.address, new Set([participant]));
    else others.add(participant);
  }
  if (!isGroupBinding(binding)) return;
  conversation.groupMembers.add(participant);
  holdGroup(resources, conversation);
}

function dropBinding(resources: Resources, participant: Participant): void {
  const { conversation, binding } = participant;
  if (binding === null) return;
  releasePair(resources, participant);
  dropAddress(participant);
  if (binding.address !== null) {
    const { participantsByAddress } = conversation.service;
    const others = participantsByAddress.get(binding.address);
    others?.delete(participant);
    if (others?.size === 0) participantsByAddress.delete(binding.address);
  }
  if (conversation.groupMembers.delete(participant) && conversation.state !== "closed")
    holdGroup(resources, conversation);
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
