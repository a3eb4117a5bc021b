import type { Service } from "./account-model.ts";
import { attributeLimits, checkAttributes } from "./attributes.ts";
import { checkBinding, isGroupBinding, isPair } from "./bindings.ts";
import { throughGate } from "./gate.ts";
import { checkGroup } from "./groups.ts";
import { checkIdentity } from "./identity.ts";
import { expelParticipant, joinConversation } from "./membership.ts";
import type { Conversation, MessagingBinding, Origin, Participant, ParticipantInput } from "./model.ts";
import { holderOf } from "./pairs.ts";
import type { Resources } from "./resources.ts";
import { checkRole } from "./roles.ts";
import { participantRules } from "./rules/participant.ts";
import { requestRules } from "./rules/request.ts";
import { checkChangeable, checkPresent } from "./states.ts";
import { ensureUser } from "./users.ts";

const limits = { participants: 1000, nonChat: 50, conversationsPerIdentity: 1000 };

/** All parameters of a participant omitted. */
export const emptyParticipant: ParticipantInput = {
  identity: undefined,
  address: undefined,
  proxyAddress: undefined,
  projectedAddress: undefined,
  attributes: undefined,
  roleSid: undefined,
  dateCreated: undefined,
  dateUpdated: undefined,
};

/** A checked participant before it is added. */
export type ParticipantDraft = Pick<Participant, "identity" | "binding" | "attributes" | "roleSid">;

/**
 * Adds a chat participant (by identity), one on SMS or another channel (by address and proxy address) or a member
 * of a group text. Limits: 1000 participants, 50 of them outside chat, 1000 open conversations per identity, an
 * address and proxy pair in one open conversation ("Conversations Limits", "Inbound Message Handling &
 * Autocreation").
 */
export function addParticipant(
  resources: Resources,
  conversation: Conversation,
  input: ParticipantInput,
  origin: Origin,
): Promise<Participant> {
  return throughGate(resources, {
    prepare() {
      checkChangeable(conversation);
      return draftParticipant(resources, conversation, input);
    },
    describe: (participant) => ({ type: "onParticipantAdd", origin, conversation, participant }),
    commit: (draft) => commitParticipant(resources, conversation, draft, input, origin),
  });
}

/** Finds a participant by SID or identity. */
export function findParticipant(conversation: Conversation, sidOrIdentity: string): Participant | undefined {
  return (
    conversation.participants.get(sidOrIdentity) ?? conversation.participantsByIdentity.get(sidOrIdentity)
  );
}

/** The participant with the identity or address of an author. */
export function findAuthor(conversation: Conversation, author: string): Participant | undefined {
  return conversation.participantsByIdentity.get(author) ?? conversation.participantsByAddress.get(author);
}

/** Removes a participant from the conversation, which releases the number pair. Their messages are kept. */
export function removeParticipant(
  resources: Resources,
  participant: Participant,
  origin: Origin,
): Promise<void> {
  const { conversation } = participant;
  return throughGate(resources, {
    prepare: () => checkMember(participant),
    describe: () => ({ type: "onParticipantRemove", origin, conversation, participant }),
    commit: () => expelParticipant(resources, participant, origin),
  });
}

/** Adds a checked participant. */
export function commitParticipant(
  resources: Resources,
  conversation: Conversation,
  draft: ParticipantDraft,
  input: Pick<ParticipantInput, "dateCreated" | "dateUpdated">,
  origin: Origin,
): Participant {
  if (draft.identity !== null) ensureUser(resources, conversation.service, draft.identity, origin);
  const now = resources.clock.now();
  const participant: Participant = {
    ...draft,
    sid: resources.ids.sid("MB"),
    seq: conversation.participants.nextSeq(),
    conversation,
    identityCameLater: false,
    notificationLevel: "default",
    lastReadMessageIndex: null,
    lastReadTimestamp: null,
    dateCreated: input.dateCreated ?? now,
    dateUpdated: input.dateUpdated ?? now,
  };
  joinConversation(resources, participant);
  resources.publish({ type: "onParticipantAdded", at: now, origin, conversation, participant });
  return participant;
}

/** Throws when a participant was removed meanwhile. */
export function checkMember(participant: Participant): void {
  const { conversation, sid } = participant;
  checkPresent(conversation);
  if (conversation.participants.get(sid) === undefined) {
    throw requestRules.notFound(`/Conversations/${conversation.sid}/Participants/${sid}`);
  }
}

/** Checks a participant against the rules and the conversation, in that order. */
function draftParticipant(
  resources: Resources,
  conversation: Conversation,
  input: ParticipantInput,
): ParticipantDraft {
  const draft = checkParticipant(resources, conversation.service, input);
  const { identity, binding } = draft;
  checkRoom(conversation, binding);
  if (identity !== null) checkFreeIdentity(conversation, identity);
  checkGroup(resources, conversation, identity, binding);
  if (binding !== null) checkFreePair(resources, binding);
  return draft;
}

/** Checks the parameters of a participant by themselves. */
export function checkParticipant(
  resources: Resources,
  service: Service,
  input: ParticipantInput,
): ParticipantDraft {
  const binding = checkBinding(resources, input);
  const identity = binding === null || input.identity !== undefined ? checkIdentity(input.identity) : null;
  const attributes = checkAttributes(input.attributes, attributeLimits.other);
  const given = input.roleSid ?? (isMember(identity, binding) ? null : service.defaultRoles.conversation);
  const roleSid = given === null ? null : checkRole(service, given, "conversation");
  return { identity, binding, attributes, roleSid };
}

/** A member of a group text without an identity has no role (the specification's examples). */
function isMember(identity: string | null, binding: MessagingBinding | null): boolean {
  return identity === null && isGroupBinding(binding);
}

function checkRoom(conversation: Conversation, binding: MessagingBinding | null): void {
  const { participants, participantsByIdentity } = conversation;
  if (participants.size >= limits.participants) throw participantRules.tooManyParticipants();
  const nonChat = participants.size - participantsByIdentity.size;
  if (binding !== null && nonChat >= limits.nonChat) throw participantRules.tooManyNonChatParticipants();
}

/** Throws when an identity takes part already, or in too many open conversations. */
export function checkFreeIdentity(conversation: Conversation, identity: string): void {
  if (conversation.participantsByIdentity.has(identity)) throw participantRules.participantExists();
  checkIdentityLimit(conversation.service, identity);
}

/** Throws when an identity takes part in too many open conversations. */
export function checkIdentityLimit(service: Service, identity: string): void {
  const open = service.usersByIdentity.get(identity)?.openMemberships ?? 0;
  if (open >= limits.conversationsPerIdentity) throw participantRules.identityInTooManyConversations();
}

/** Throws when a pair belongs to another conversation. */
export function checkFreePair(resources: Resources, binding: MessagingBinding): void {
  if (!isPair(binding)) return;
  const holder = holderOf(resources, binding.address, binding.proxyAddress);
  if (holder !== undefined) throw participantRules.pairInUse(holder.conversation.sid);
}
