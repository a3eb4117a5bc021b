import type { Service } from "./account-model.ts";
import { isGroupBinding, isPair } from "./bindings.ts";
import {
  type ConversationDraft,
  type ConversationInput,
  draftConversation,
  withName,
} from "./conversation-drafts.ts";
import { commitConversation } from "./conversations.ts";
import { ApiError } from "./errors.ts";
import type { Modifications } from "./events.ts";
import { throughGate } from "./gate.ts";
import { checkFreeGroup } from "./groups.ts";
import { insertText } from "./messages.ts";
import type { Conversation, MessagingBinding, Origin, ParticipantInput } from "./model.ts";
import { holderOf } from "./pairs.ts";
import { parseParticipants } from "./participant-json.ts";
import {
  checkIdentityLimit,
  checkParticipant,
  commitParticipant,
  type ParticipantDraft,
} from "./participants.ts";
import type { Resources } from "./resources.ts";
import { groupRules } from "./rules/group.ts";
import { participantRules } from "./rules/participant.ts";
import { changeState, restartTimers } from "./states.ts";

/** The most participants of one request ("Conversation with Participants Resource"). */
const mostParticipants = 10;

interface Draft {
  readonly conversation: ConversationDraft;
  readonly participants: readonly ParticipantInput[];
}

/**
 * Creates a conversation with up to ten participants, each given as JSON. After the checks the conversation exists in the
 * state `initializing`, and the participants join later, all or none. Then it gets the requested state, with the reason
 * EVENT; when one cannot join, it closes. Without participants there is no such phase ("Conversation with Participants Resource").
 */
export function createWithParticipants(
  resources: Resources,
  service: Service,
  input: ConversationInput,
  participants: readonly string[],
  origin: Origin,
): Promise<Conversation> {
  return throughGate<Draft, Conversation>(resources, {
    prepare: (modified) => prepare(resources, service, input, participants, modified),
    describe: ({ conversation }) => ({ type: "onConversationAdd", origin, conversation }),
    commit: (draft) => commit(resources, draft, input, origin),
  });
}

function prepare(
  resources: Resources,
  service: Service,
  input: ConversationInput,
  texts: readonly string[],
  modified: Modifications,
): Draft {
  if (texts.length > mostParticipants) throw participantRules.tooManyInRequest();
  const conversation = draftConversation(resources, service, withName(input, modified));
  const participants = parseParticipants(texts);
  checkTogether(
    resources,
    service,
    participants.map((participant) => checkParticipant(resources, service, participant)),
  );
  return { conversation, participants };
}

/** Checks the participants together: duplicates, conversations per identity, pairs in use, and the rules of group texts. */
function checkTogether(
  resources: Resources,
  service: Service,
  drafts: readonly ParticipantDraft[],
  conversation?: Conversation,
): void {
  const identities = drafts.flatMap(({ identity }) => identity ?? []);
  if (new Set(identities).size < identities.length) throw participantRules.participantExists();
  for (const identity of identities) checkIdentityLimit(service, identity);
  const bindings = drafts.flatMap(({ binding }) => binding ?? []);
  const pairs = bindings.filter(isPair);
  const distinctPairs = new Set(pairs.map(({ address, proxyAddress }) => `${address} ${proxyAddress}`));
  const taken = pairs.some(
    ({ address, proxyAddress }) => holderOf(resources, address, proxyAddress) !== undefined,
  );
  if (taken || distinctPairs.size < pairs.length) throw participantRules.somePairsInUse();
  const members = bindings.filter(isGroupBinding);
  if (members.length === 0) return;
  checkGroupOfMembers(drafts, members);
  checkFreeGroup(resources, conversation, members);
}

/** At least three numbers, among them a person and a number of the account, and no participant without a number. */
function checkGroupOfMembers(
  drafts: readonly ParticipantDraft[],
  members: readonly MessagingBinding[],
): void {
  const numbers = new Set(members.map(({ address, projectedAddress }) => address ?? projectedAddress));
  if (numbers.size < members.length) throw groupRules.memberExists();
  const hasPerson = members.some(({ address }) => address !== null);
  const hasProjection = members.some(({ projectedAddress }) => projectedAddress !== null);
  const hasPlainChat = drafts.some(({ identity, binding }) => identity !== null && binding === null);
  if (hasPerson && hasPlainChat) throw groupRules.projectedMissing();
  if (members.length < 3 || !hasPerson || !hasProjection) throw groupRules.activationFailed();
}

function commit(resources: Resources, draft: Draft, input: ConversationInput, origin: Origin): Conversation {
  const { participants } = draft;
  if (participants.length === 0) return commitConversation(resources, draft.conversation, input, origin);
  const wanted = draft.conversation.state;
  const beginning = { ...draft.conversation, state: "initializing" as const };
  const conversation = commitConversation(resources, beginning, input, origin);
  conversation.joining = { participants, wanted, origin, waiting: new Set() };
  joinSoon(resources, conversation);
  return conversation;
}

/** Schedules the joining of the participants. */
export function joinSoon(resources: Resources, conversation: Conversation): void {
  resources.joinings.begin(conversation, () => join(resources, conversation));
}

/** The state may have changed since the request, so everything is checked again. */
function join(resources: Resources, conversation: Conversation): void {
  const { joining } = conversation;
  if (conversation.removed || joining === undefined) return;
  const { participants, wanted, origin, waiting } = joining;
  conversation.joining = undefined;
  const drafts = draftAll(resources, conversation, participants);
  if (drafts instanceof ApiError) {
    const at = resources.clock.now();
    resources.publish({ type: "joiningFailed", at, origin, conversation, failure: drafts });
    changeState(resources, conversation, "closed", "EVENT", origin);
    return;
  }
  for (const [i, input] of participants.entries()) {
    const draft = drafts[i];
    if (draft !== undefined) commitParticipant(resources, conversation, draft, input, origin);
  }
  for (const entry of waiting) entry.posted = insertText(resources, conversation, entry.text);
  changeState(resources, conversation, wanted, "EVENT", origin);
  restartTimers(resources, conversation);
}

/** Drafts of the participants, or the error of the first that cannot join. */
function draftAll(
  resources: Resources,
  conversation: Conversation,
  participants: readonly ParticipantInput[],
): readonly ParticipantDraft[] | ApiError {
  try {
    const drafts = participants.map((input) => checkParticipant(resources, conversation.service, input));
    checkTogether(resources, conversation.service, drafts, conversation);
    return drafts;
  } catch (error) {
    if (error instanceof ApiError) return error;
    throw error;
  }
}
