import { attributeLimits, checkAttributes, checkFriendlyName } from "./attributes.ts";
import { Collection } from "./collection.ts";
import type { ConversationPreview, Modifications } from "./events.ts";
import { throughGate } from "./gate.ts";
import { leaveConversation } from "./membership.ts";
import { checkMessagingService } from "./messaging-services.ts";
import type { Conversation, ConversationState, EmailBinding, Origin, Service, Timers } from "./model.ts";
import { conversationRules } from "./rules/conversation.ts";
import {
  changeState,
  checkChangeable,
  checkClosedTimer,
  checkInactiveTimer,
  checkPresent,
  checkState,
  noTimers,
  restartTimers,
  stopTimers,
} from "./states.ts";
import type { World } from "./world.ts";

/** What a caller says of a conversation; undefined is what they do not mention. Timers are ISO 8601 durations. */
export interface ConversationInput {
  readonly friendlyName: string | undefined;
  readonly uniqueName: string | undefined;
  readonly attributes: string | undefined;
  readonly messagingServiceSid: string | undefined;
  readonly state: string | undefined;
  readonly inactiveTimer: string | undefined;
  readonly closedTimer: string | undefined;
  readonly emailAddress: string | undefined;
  readonly emailName: string | undefined;
  readonly dateCreated: number | undefined;
  readonly dateUpdated: number | undefined;
}

/** Says nothing of a conversation: what callers fill in. */
export const emptyConversation: ConversationInput = {
  friendlyName: undefined,
  uniqueName: undefined,
  attributes: undefined,
  messagingServiceSid: undefined,
  state: undefined,
  inactiveTimer: undefined,
  closedTimer: undefined,
  emailAddress: undefined,
  emailName: undefined,
  dateCreated: undefined,
  dateUpdated: undefined,
};

/** A conversation as it would be. */
export interface ConversationDraft extends ConversationPreview {
  readonly friendlyName: string | null;
  readonly uniqueName: string | null;
  readonly attributes: string;
  readonly messagingServiceSid: string;
  readonly state: ConversationState;
  readonly inactiveAfter: number | undefined;
  readonly closedAfter: number | undefined;
  readonly emailBinding: EmailBinding | null;
}

/**
 * Creates a conversation. Names are limited to 256 characters, attributes to 16 KB, the unique name is unique in
 * its service, and the conversation cannot begin closed.
 */
export function createConversation(
  world: World,
  service: Service,
  input: ConversationInput,
  origin: Origin,
): Promise<Conversation> {
  return throughGate(world, {
    prepare: (modified) => draftConversation(world, service, withName(input, modified)),
    describe: (draft) => ({ type: "onConversationAdd", origin, conversation: draft }),
    commit: (draft) => commitConversation(world, draft, input, origin),
  });
}

/** Finds a conversation of the service by SID or unique name. */
export function findConversation(service: Service, sidOrUniqueName: string): Conversation | undefined {
  return service.conversations.get(sidOrUniqueName) ?? service.conversationsByUniqueName.get(sidOrUniqueName);
}

/** Changes a conversation that is not closed. Closing it is final and frees its number pairs. */
export function updateConversation(
  world: World,
  conversation: Conversation,
  input: ConversationInput,
  origin: Origin,
): Promise<void> {
  return throughGate(world, {
    prepare: (modified) => draftUpdate(world, conversation, withName(input, modified)),
    describe: (draft) => ({ type: "onConversationUpdate", origin, conversation: draft }),
    commit: (draft) => commitUpdate(world, conversation, draft, input, origin),
  });
}

/** Deletes a conversation with everything in it. Of two that try at the same time, one finds it gone. */
export function removeConversation(world: World, conversation: Conversation, origin: Origin): Promise<void> {
  return throughGate(world, {
    prepare: () => checkPresent(conversation),
    describe: () => ({ type: "onConversationRemove", origin, conversation }),
    commit: () => commitRemoval(world, conversation, origin),
  });
}

/** Only the friendly name can be modified by a pre-action webhook ("Conversations Webhooks"). */
export function withName(input: ConversationInput, modified: Modifications): ConversationInput {
  const friendlyName = modified.get("friendly_name");
  return friendlyName === undefined ? input : { ...input, friendlyName };
}

/** Checks a new conversation. It begins with the account's default timers ("Configuration Resource"). */
export function draftConversation(
  world: World,
  service: Service,
  input: ConversationInput,
): ConversationDraft {
  const { defaultInactiveTimer: inactive, defaultClosedTimer: closed } = world.account;
  const draft = {
    service,
    ...draftFields(world, input, {
      friendlyName: null,
      uniqueName: null,
      attributes: "{}",
      messagingServiceSid: world.account.defaultMessagingServiceSid,
      state: "active",
      timers: {
        ...noTimers(),
        inactiveAfter: inactive === null ? undefined : checkInactiveTimer(inactive),
        closedAfter: closed === null ? undefined : checkClosedTimer(closed),
      },
      emailBinding: null,
    }),
  };
  if (draft.state === "closed") throw conversationRules.createdClosed();
  checkUniqueName(service, draft.uniqueName, undefined);
  return draft;
}

function draftUpdate(world: World, conversation: Conversation, input: ConversationInput): ConversationDraft {
  checkChangeable(conversation);
  if (Object.values(input).every((value) => value === undefined)) throw conversationRules.nothingToUpdate();
  const { service, sid, dateCreated, dateUpdated } = conversation;
  const draft = { service, sid, dateCreated, dateUpdated, ...draftFields(world, input, conversation) };
  checkUniqueName(service, draft.uniqueName, conversation);
  return draft;
}

type Fields = Pick<
  Conversation,
  "friendlyName" | "uniqueName" | "attributes" | "messagingServiceSid" | "state" | "emailBinding"
> & { readonly timers: Timers };

/** The fields as they would be, each checked in the order of the parameters. An empty name takes the name away. */
function draftFields(
  world: World,
  input: ConversationInput,
  present: Fields,
): Omit<ConversationDraft, "service"> {
  const friendlyName = checkFriendlyName(
    input.friendlyName === undefined ? present.friendlyName : input.friendlyName || null,
  );
  const uniqueName = input.uniqueName === undefined ? present.uniqueName : input.uniqueName || null;
  if (uniqueName !== null && uniqueName.length > 256) throw conversationRules.uniqueNameTooLong();
  if (uniqueName !== null && /^CH[0-9a-f]{32}$/i.test(uniqueName))
    throw conversationRules.uniqueNameLooksLikeSid();
  const { attributes } = present;
  return {
    friendlyName,
    uniqueName,
    attributes:
      input.attributes === undefined
        ? attributes
        : checkAttributes(input.attributes, attributeLimits.conversation),
    messagingServiceSid:
      input.messagingServiceSid === undefined
        ? present.messagingServiceSid
        : checkMessagingService(world, input.messagingServiceSid),
    state: input.state === undefined ? present.state : checkState(input.state),
    inactiveAfter:
      input.inactiveTimer === undefined
        ? present.timers.inactiveAfter
        : checkInactiveTimer(input.inactiveTimer),
    closedAfter:
      input.closedTimer === undefined ? present.timers.closedAfter : checkClosedTimer(input.closedTimer),
    emailBinding: emailBinding(input, present.emailBinding),
  };
}

function emailBinding(input: ConversationInput, present: EmailBinding | null): EmailBinding | null {
  if (input.emailAddress === undefined && input.emailName === undefined) return present;
  return {
    address: input.emailAddress ?? present?.address ?? null,
    name: input.emailName ?? present?.name ?? null,
  };
}

function checkUniqueName(service: Service, name: string | null, self: Conversation | undefined): void {
  if (name === null) return;
  const holder = service.conversationsByUniqueName.get(name);
  if (holder !== undefined && holder !== self) throw conversationRules.uniqueNameTaken();
}

function rename(conversation: Conversation, uniqueName: string | null): void {
  if (conversation.uniqueName === uniqueName) return;
  const index = conversation.service.conversationsByUniqueName;
  if (conversation.uniqueName !== null) index.delete(conversation.uniqueName);
  if (uniqueName !== null) index.set(uniqueName, conversation);
  conversation.uniqueName = uniqueName;
}

/** Makes a checked conversation. */
export function commitConversation(
  world: World,
  draft: ConversationDraft,
  input: Pick<ConversationInput, "dateCreated" | "dateUpdated">,
  origin: Origin,
): Conversation {
  const { service, inactiveAfter, closedAfter } = draft;
  const now = world.clock.now();
  const conversation: Conversation = {
    sid: world.ids.sid("CH"),
    seq: service.conversations.nextSeq(),
    service,
    createdBy: origin.clientIdentity ?? "system",
    friendlyName: draft.friendlyName,
    uniqueName: draft.uniqueName,
    attributes: draft.attributes,
    messagingServiceSid: draft.messagingServiceSid,
    state: draft.state,
    timers: { ...noTimers(), inactiveAfter, closedAfter },
    emailBinding: draft.emailBinding,
    participants: new Collection(),
    participantsByIdentity: new Map(),
    participantsByAddress: new Map(),
    groupMembers: new Set(),
    groupKey: undefined,
    messages: new Collection(),
    joining: undefined,
    webhooks: new Collection(),
    dateCreated: input.dateCreated ?? now,
    dateUpdated: input.dateUpdated ?? now,
    removed: false,
  };
  service.conversations.add(conversation);
  if (draft.uniqueName !== null) service.conversationsByUniqueName.set(draft.uniqueName, conversation);
  restartTimers(world, conversation);
  world.publish({ type: "onConversationAdded", at: now, origin, conversation });
  return conversation;
}

function commitUpdate(
  world: World,
  conversation: Conversation,
  draft: ConversationDraft,
  input: ConversationInput,
  origin: Origin,
): void {
  rename(conversation, draft.uniqueName);
  conversation.friendlyName = draft.friendlyName;
  conversation.attributes = draft.attributes;
  conversation.messagingServiceSid = draft.messagingServiceSid;
  conversation.emailBinding = draft.emailBinding;
  conversation.dateCreated = input.dateCreated ?? conversation.dateCreated;
  conversation.timers.inactiveAfter = draft.inactiveAfter;
  conversation.timers.closedAfter = draft.closedAfter;
  const stateChanges = draft.state !== conversation.state;
  if (stateChanges) changeState(world, conversation, draft.state, "API", origin);
  if (stateChanges || input.inactiveTimer !== undefined || input.closedTimer !== undefined) {
    restartTimers(world, conversation);
  }
  const now = world.clock.now();
  conversation.dateUpdated = input.dateUpdated ?? now;
  world.publish({ type: "onConversationUpdated", at: now, origin, conversation });
}

/** Deletes every conversation of a service that goes away itself, silently. */
export function removeEveryConversation(world: World, service: Service): void {
  for (const conversation of [...service.conversations.values()]) takeApart(world, conversation);
}

function commitRemoval(world: World, conversation: Conversation, origin: Origin): void {
  takeApart(world, conversation);
  world.publish({ type: "onConversationRemoved", at: world.clock.now(), origin, conversation });
}

function takeApart(world: World, conversation: Conversation): void {
  const { service, uniqueName } = conversation;
  conversation.removed = true;
  stopTimers(conversation);
  for (const participant of [...conversation.participants.values()]) leaveConversation(world, participant);
  service.conversations.delete(conversation);
  if (uniqueName !== null) service.conversationsByUniqueName.delete(uniqueName);
}
