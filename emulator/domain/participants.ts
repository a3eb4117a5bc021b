import { attributeLimits, checkAttributes } from "./attributes.ts";
import { checkBinding } from "./bindings.ts";
import { throughGate } from "./gate.ts";
import { checkIdentity } from "./identity.ts";
import { expelParticipant, joinConversation } from "./membership.ts";
import type { Conversation, MessagingBinding, Origin, Participant } from "./model.ts";
import { holderOf } from "./pairs.ts";
import { checkRole } from "./roles.ts";
import { participantRules } from "./rules/participant.ts";
import { requestRules } from "./rules/request.ts";
import { checkChangeable, checkPresent } from "./states.ts";
import { ensureUser } from "./users.ts";
import type { World } from "./world.ts";

const limits = { participants: 1000, nonChat: 50, conversationsPerIdentity: 1000 };

/** What a caller says of a new participant; undefined is what they do not mention. */
export interface ParticipantInput {
  readonly identity: string | undefined;
  readonly address: string | undefined;
  readonly proxyAddress: string | undefined;
  readonly projectedAddress: string | undefined;
  readonly attributes: string | undefined;
  readonly roleSid: string | undefined;
  readonly dateCreated: number | undefined;
  readonly dateUpdated: number | undefined;
}

/** What a caller changes of a participant. */
export interface ParticipantChanges {
  readonly identity: string | undefined;
  readonly proxyAddress: string | undefined;
  readonly projectedAddress: string | undefined;
  readonly attributes: string | undefined;
  readonly roleSid: string | undefined;
  readonly lastReadMessageIndex: string | undefined;
  readonly lastReadTimestamp: number | null | undefined;
  readonly dateCreated: number | undefined;
  readonly dateUpdated: number | undefined;
}

type Draft = Pick<Participant, "identity" | "binding" | "attributes" | "roleSid">;

/**
 * Adds a chat participant (by identity) or one on SMS or WhatsApp (by address and proxy address). Limits: 1000
 * participants, 50 of them outside chat, 1000 open conversations per identity, an address and proxy pair in one
 * open conversation ("Conversations Limits", "Inbound Message Handling & Autocreation").
 */
export function addParticipant(
  world: World,
  conversation: Conversation,
  input: ParticipantInput,
  origin: Origin,
): Promise<Participant> {
  return throughGate(world, {
    prepare: () => draftNew(world, conversation, input),
    describe: (participant) => ({ type: "onParticipantAdd", origin, conversation, participant }),
    commit: (draft) => commitNew(world, conversation, draft, input, origin),
  });
}

/** Finds a participant by SID or identity. */
export function findParticipant(conversation: Conversation, sidOrIdentity: string): Participant | undefined {
  return (
    conversation.participants.get(sidOrIdentity) ?? conversation.participantsByIdentity.get(sidOrIdentity)
  );
}

/** The participant that an author's name stands for: an identity or an address. */
export function findAuthor(conversation: Conversation, author: string): Participant | undefined {
  return conversation.participantsByIdentity.get(author) ?? conversation.participantsByAddress.get(author);
}

/** Changes attributes, role and read horizon. Addresses and identity of a participant stay what they are. */
export function updateParticipant(
  world: World,
  participant: Participant,
  changes: ParticipantChanges,
  origin: Origin,
): Promise<void> {
  const { conversation } = participant;
  return throughGate(world, {
    prepare: () => draftUpdate(participant, changes),
    describe: (draft) => ({ type: "onParticipantUpdate", origin, conversation, participant: draft }),
    commit(draft) {
      const now = world.clock.now();
      Object.assign(participant, draft, { dateUpdated: changes.dateUpdated ?? now });
      world.publish({ type: "onParticipantUpdated", at: now, origin, conversation, participant });
    },
  });
}

/** Takes a participant out of the conversation, which frees the number pair. Their messages stay. */
export function removeParticipant(world: World, participant: Participant, origin: Origin): Promise<void> {
  const { conversation } = participant;
  return throughGate(world, {
    prepare: () => checkMember(participant),
    describe: () => ({ type: "onParticipantRemove", origin, conversation, participant }),
    commit: () => expelParticipant(world, participant, origin),
  });
}

function commitNew(
  world: World,
  conversation: Conversation,
  draft: Draft,
  input: ParticipantInput,
  origin: Origin,
): Participant {
  if (draft.identity !== null) ensureUser(world, conversation.service, draft.identity, origin);
  const now = world.clock.now();
  const participant: Participant = {
    ...draft,
    sid: world.ids.sid("MB"),
    seq: conversation.participants.nextSeq(),
    conversation,
    lastReadMessageIndex: null,
    lastReadTimestamp: null,
    dateCreated: input.dateCreated ?? now,
    dateUpdated: input.dateUpdated ?? now,
  };
  joinConversation(world, participant);
  world.publish({ type: "onParticipantAdded", at: now, origin, conversation, participant });
  return participant;
}

function checkMember(participant: Participant): void {
  const { conversation, sid } = participant;
  checkPresent(conversation);
  if (conversation.participants.get(sid) === undefined) {
    throw requestRules.notFound(`/Conversations/${conversation.sid}/Participants/${sid}`);
  }
}

function draftNew(world: World, conversation: Conversation, input: ParticipantInput): Draft {
  checkChangeable(conversation);
  const binding = checkBinding(world, input);
  const identity = binding === null ? checkIdentity(input.identity) : null;
  const attributes = checkAttributes(input.attributes, attributeLimits.other);
  const { service } = conversation;
  const roleSid = checkRole(service, input.roleSid ?? service.defaultRoles.conversation);
  checkRoom(conversation, binding);
  if (identity !== null) checkFreeIdentity(conversation, identity);
  if (binding !== null) checkFreePair(world, binding);
  return { identity, binding, attributes, roleSid };
}

function checkRoom(conversation: Conversation, binding: MessagingBinding | null): void {
  const { participants, participantsByIdentity } = conversation;
  if (participants.size >= limits.participants) throw participantRules.tooManyParticipants();
  const nonChat = participants.size - participantsByIdentity.size;
  if (binding !== null && nonChat >= limits.nonChat) throw participantRules.tooManyNonChatParticipants();
}

function checkFreeIdentity(conversation: Conversation, identity: string): void {
  if (conversation.participantsByIdentity.has(identity)) throw participantRules.participantExists();
  const open = conversation.service.usersByIdentity.get(identity)?.openMemberships ?? 0;
  if (open >= limits.conversationsPerIdentity) throw participantRules.identityInTooManyConversations();
}

function checkFreePair(world: World, binding: MessagingBinding): void {
  const holder = holderOf(world, binding.address, binding.proxyAddress);
  if (holder !== undefined) throw participantRules.pairInUse(holder.conversation.sid);
}

function draftUpdate(participant: Participant, changes: ParticipantChanges): Participant {
  checkMember(participant);
  checkChangeable(participant.conversation);
  if (changes.proxyAddress !== undefined) throw participantRules.proxyUpdateNotSupported();
  if (changes.projectedAddress !== undefined) throw participantRules.projectedUpdateNotSupported();
  if (changes.identity !== undefined) throw participantRules.identityUpdateNotSupported();
  const { service } = participant.conversation;
  return {
    ...participant,
    attributes:
      changes.attributes === undefined
        ? participant.attributes
        : checkAttributes(changes.attributes, attributeLimits.other),
    roleSid: changes.roleSid === undefined ? participant.roleSid : checkRole(service, changes.roleSid),
    lastReadMessageIndex:
      changes.lastReadMessageIndex === undefined
        ? participant.lastReadMessageIndex
        : checkIndex(changes.lastReadMessageIndex),
    lastReadTimestamp:
      changes.lastReadTimestamp === undefined ? participant.lastReadTimestamp : changes.lastReadTimestamp,
    dateCreated: changes.dateCreated ?? participant.dateCreated,
  };
}

/** "null" takes the read horizon away. */
function checkIndex(text: string): number | null {
  if (text === "null" || text === "") return null;
  if (!/^\d{1,15}$/.test(text)) throw participantRules.lastReadIndexInvalid();
  return Number(text);
}
