import type { AutoCreation, OwnedNumber, Service } from "./account-model.ts";
import { noAutoCreation } from "./address-configurations.ts";
import { draftConversation, emptyConversation, withName } from "./conversation-drafts.ts";
import { joinSoon } from "./conversation-with-participants.ts";
import { enterConversation } from "./conversations.ts";
import type { AutoCreationCause } from "./events.ts";
import { throughGate } from "./gate.ts";
import { groupOf, reserveGroup } from "./groups.ts";
import { checkBody, insertText } from "./messages.ts";
import { poolOf } from "./messaging-services.ts";
import type { Conversation, ConversationState, InboundText, Message, Origin } from "./model.ts";
import { holderOf } from "./pairs.ts";
import { checkParticipant, commitParticipant, emptyParticipant } from "./participants.ts";
import type { Resources } from "./resources.ts";
import { attachConfigured } from "./webhooks.ts";

/*
 * Conversations that an inbound message creates ("Inbound Message Handling & Autocreation"). The pre-action webhook is
 * called for the conversation only, not for its participants or first message.
 */

/** The rule by which messages to a number of the account create conversations. */
export interface AutoCreationRule {
  readonly number: OwnedNumber;
  readonly settings: AutoCreation;
}

/** The rule of the first of these numbers that has one, itself or through its messaging service. */
export function autoCreationOf(resources: Resources, to: readonly string[]): AutoCreationRule | undefined {
  for (const address of to) {
    const number = resources.numbers.get(address);
    if (number === undefined) continue;
    const configured = resources.addressesByAddress.get(address)?.autoCreation;
    if (configured?.enabled) return { number, settings: configured };
    if (poolOf(resources, number)?.autoCreates) return { number, settings: plain };
  }
  return undefined;
}

/** The settings of a messaging service that autocreates. */
const plain: AutoCreation = { ...noAutoCreation, enabled: true };

/** The service of the rule's conversations: the default service when the rule names none or a deleted one. */
export function serviceOf(resources: Resources, { settings }: AutoCreationRule): Service {
  return resources.services.get(settings.conversationServiceSid ?? "") ?? resources.defaultService;
}

/**
 * Creates a conversation with the sender of a message and the message. Resolves to undefined when the pair was
 * assigned to a conversation during the pre-action webhook. Rejects when the webhook rejects it: then nothing is
 * created.
 */
export function autoCreatePair(
  resources: Resources,
  rule: AutoCreationRule,
  text: InboundText,
): Promise<Message | undefined> {
  const { address: proxyAddress } = rule.number;
  const cause = { ...causeOf(text), addresses: [text.author], proxyAddress };
  return autoCreate(resources, rule, text, { cause, state: "active" }, (make) => {
    if (holderOf(resources, text.author, proxyAddress) !== undefined) return undefined;
    const origin = originOf(text);
    const input = { ...emptyParticipant, address: text.author, proxyAddress };
    const participant = checkParticipant(resources, serviceOf(resources, rule), input);
    const conversation = make();
    commitParticipant(resources, conversation, participant, undated, origin);
    return insertText(resources, conversation, text);
  });
}

/**
 * Creates a group text among `members`, numbers of the account and of people. It is `initializing` until all have
 * joined and the message is added. Resolves to undefined when the group was assigned to a conversation meanwhile.
 */
export function autoCreateGroup(
  resources: Resources,
  rule: AutoCreationRule,
  text: InboundText,
  members: readonly string[],
): Promise<Conversation | undefined> {
  const receivers = members.filter((address) => address !== text.author);
  const cause = {
    ...causeOf(text),
    addresses: receivers,
    projectedAddress: receivers.filter((address) => resources.numbers.has(address)).join(","),
    authorAddress: text.author,
  };
  return autoCreate(resources, rule, text, { cause, state: "initializing" }, (make) => {
    if (groupOf(resources, members) !== undefined) return undefined;
    const participants = members.map((address) =>
      resources.numbers.has(address)
        ? { ...emptyParticipant, projectedAddress: address }
        : { ...emptyParticipant, address },
    );
    const conversation = make();
    reserveGroup(resources, conversation, members);
    conversation.joining = {
      participants,
      wanted: "active",
      origin: originOf(text),
      waiting: new Set([{ text, posted: undefined }]),
    };
    joinSoon(resources, conversation);
    return conversation;
  });
}

/** The message that creates a conversation, and its initial state. */
interface Beginning {
  readonly cause: AutoCreationCause;
  readonly state: ConversationState;
}

/** Calls the pre-action webhook, then `fill`, which creates the conversation and its content. */
function autoCreate<Result>(
  resources: Resources,
  rule: AutoCreationRule,
  text: InboundText,
  { cause, state }: Beginning,
  fill: (make: () => Conversation) => Result,
): Promise<Result> {
  const origin = originOf(text);
  return throughGate(resources, {
    prepare(modified) {
      checkBody(text.body ?? "");
      const messagingServiceSid = poolOf(resources, rule.number)?.sid;
      const input = withName({ ...emptyConversation, messagingServiceSid }, modified);
      return { ...draftConversation(resources, serviceOf(resources, rule), input), state };
    },
    describe: (conversation) => ({ type: "onConversationAdd", origin, conversation, cause }),
    commit: (draft) =>
      fill(() => {
        const conversation = enterConversation(resources, draft, undated, origin);
        attachConfigured(resources, conversation, rule.settings);
        resources.publish({
          type: "onConversationAdded",
          at: resources.clock.now(),
          origin,
          conversation,
          cause,
        });
        return conversation;
      }),
  });
}

function causeOf({ body, media }: InboundText): AutoCreationCause {
  return { addresses: [], proxyAddress: null, projectedAddress: null, authorAddress: null, body, media };
}

function originOf({ source }: InboundText): Origin {
  return { source, webhooks: true };
}

const undated = { dateCreated: undefined, dateUpdated: undefined };
