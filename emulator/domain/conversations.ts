import type { Service } from "./account-model.ts";
import { Collection } from "./collection.ts";
import {
  type ConversationDraft,
  type ConversationInput,
  draftConversation,
  draftConversationUpdate,
  withName,
} from "./conversation-drafts.ts";
import { throughGate } from "./gate.ts";
import { releaseGroup } from "./groups.ts";
import { leaveConversation } from "./membership.ts";
import type { Conversation, Origin } from "./model.ts";
import type { Resources } from "./resources.ts";
import { changeState, checkReady, noTimers, restartTimers, stopTimers } from "./states.ts";

/**
 * Creates a conversation. Names are limited to 256 characters, attributes to 16 KB, the unique name is unique in
 * its service, and the conversation cannot begin closed.
 */
export function createConversation(
  resources: Resources,
  service: Service,
  input: ConversationInput,
  origin: Origin,
): Promise<Conversation> {
  return throughGate(resources, {
    prepare: (modified) => draftConversation(resources, service, withName(input, modified)),
    describe: (draft) => ({ type: "onConversationAdd", origin, conversation: draft }),
    commit: (draft) => commitConversation(resources, draft, input, origin),
  });
}

/** Finds a conversation of the service by SID or unique name. */
export function findConversation(service: Service, sidOrUniqueName: string): Conversation | undefined {
  return service.conversations.get(sidOrUniqueName) ?? service.conversationsByUniqueName.get(sidOrUniqueName);
}

/** Changes a conversation that is not closed. Closing it is final and frees its number pairs. */
export function updateConversation(
  resources: Resources,
  conversation: Conversation,
  input: ConversationInput,
  origin: Origin,
): Promise<void> {
  return throughGate(resources, {
    prepare: (modified) => draftConversationUpdate(resources, conversation, withName(input, modified)),
    describe: (draft) => ({ type: "onConversationUpdate", origin, conversation: draft }),
    commit: (draft) => commitUpdate(resources, conversation, draft, input, origin),
  });
}

/** Deletes a conversation with everything in it. Of two concurrent requests one gets 404. */
export function removeConversation(
  resources: Resources,
  conversation: Conversation,
  origin: Origin,
): Promise<void> {
  return throughGate(resources, {
    prepare: () => checkReady(conversation),
    describe: () => ({ type: "onConversationRemove", origin, conversation }),
    commit: () => commitRemoval(resources, conversation, origin),
  });
}

function rename(conversation: Conversation, uniqueName: string | null): void {
  if (conversation.uniqueName === uniqueName) return;
  const index = conversation.service.conversationsByUniqueName;
  if (conversation.uniqueName !== null) index.delete(conversation.uniqueName);
  if (uniqueName !== null) index.set(uniqueName, conversation);
  conversation.uniqueName = uniqueName;
}

/** Creates a checked conversation, with an event. */
export function commitConversation(
  resources: Resources,
  draft: ConversationDraft,
  input: Pick<ConversationInput, "dateCreated" | "dateUpdated">,
  origin: Origin,
): Conversation {
  const conversation = enterConversation(resources, draft, input, origin);
  resources.publish({ type: "onConversationAdded", at: resources.clock.now(), origin, conversation });
  return conversation;
}

/** Creates a checked conversation, without an event. */
export function enterConversation(
  resources: Resources,
  draft: ConversationDraft,
  input: Pick<ConversationInput, "dateCreated" | "dateUpdated">,
  origin: Origin,
): Conversation {
  const { service, inactiveAfter, closedAfter } = draft;
  const now = resources.clock.now();
  const conversation: Conversation = {
    sid: resources.ids.sid("CH"),
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
  restartTimers(resources, conversation);
  return conversation;
}

function commitUpdate(
  resources: Resources,
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
  const { dateCreated } = input;
  if (dateCreated !== undefined)
    conversation.service.conversations.changeDate(conversation, () => {
      conversation.dateCreated = dateCreated;
    });
  conversation.timers.inactiveAfter = draft.inactiveAfter;
  conversation.timers.closedAfter = draft.closedAfter;
  const stateChanges = draft.state !== conversation.state;
  if (stateChanges) changeState(resources, conversation, draft.state, "API", origin);
  if (stateChanges || input.inactiveTimer !== undefined || input.closedTimer !== undefined) {
    restartTimers(resources, conversation);
  }
  const now = resources.clock.now();
  conversation.dateUpdated = input.dateUpdated ?? now;
  resources.publish({ type: "onConversationUpdated", at: now, origin, conversation });
}

/** Deletes every conversation of a service that is deleted, without events. */
export function removeEveryConversation(resources: Resources, service: Service): void {
  for (const conversation of [...service.conversations.values()]) takeApart(resources, conversation);
}

function commitRemoval(resources: Resources, conversation: Conversation, origin: Origin): void {
  const members = [...conversation.participants.values()];
  takeApart(resources, conversation);
  resources.publish({
    type: "onConversationRemoved",
    at: resources.clock.now(),
    origin,
    conversation,
    members,
  });
}

function takeApart(resources: Resources, conversation: Conversation): void {
  const { service, uniqueName } = conversation;
  conversation.removed = true;
  stopTimers(conversation);
  for (const participant of [...conversation.participants.values()])
    leaveConversation(resources, participant);
  // Also numbers that are reserved for members who have not joined yet.
  releaseGroup(resources, conversation);
  service.conversations.delete(conversation);
  if (uniqueName !== null) service.conversationsByUniqueName.delete(uniqueName);
}
