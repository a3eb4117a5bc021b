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
import { attachConfigured } from "./webhooks.ts";
import type { World } from "./world.ts";

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
export function autoCreationOf(world: World, to: readonly string[]): AutoCreationRule | undefined {
  for (const address of to) {
    const number = world.numbers.get(address);
    if (number === undefined) continue;
    const configured = world.addressesByAddress.get(address)?.autoCreation;
    if (configured?.enabled) return { number, settings: configured };
    if (poolOf(world, number)?.autoCreates) return { number, settings: plain };
  }
  return undefined;
}

/** The settings of a messaging service that autocreates. */
const plain: AutoCreation = { ...noAutoCreation, enabled: true };

/** The service of the rule's conversations: the default service when the rule names none or a deleted one. */
export function serviceOf(world: World, { settings }: AutoCreationRule): Service {
  return world.services.get(settings.conversationServiceSid ?? "") ?? world.defaultService;
}

/**
 * Creates a conversation with the sender of a message and the message. Resolves to undefined when the pair was
 * assigned to a conversation during the pre-action webhook. Rejects when the webhook rejects it: then nothing is
 * created.
 */
export function autoCreatePair(
  world: World,
  rule: AutoCreationRule,
  text: InboundText,
): Promise<Message | undefined> {
  const { address: proxyAddress } = rule.number;
  const cause = { ...causeOf(text), addresses: [text.author], proxyAddress };
  return autoCreate(world, rule, text, { cause, state: "active" }, (make) => {
    if (holderOf(world, text.author, proxyAddress) !== undefined) return undefined;
    const origin = originOf(text);
    const input = { ...emptyParticipant, address: text.author, proxyAddress };
    const participant = checkParticipant(world, serviceOf(world, rule), input);
    const conversation = make();
    commitParticipant(world, conversation, participant, undated, origin);
    return insertText(world, conversation, text);
  });
}

/**
 * Creates a group text among `members`, numbers of the account and of people. It is `initializing` until all have
 * joined and the message is added. Resolves to undefined when the group was assigned to a conversation meanwhile.
 */
export function autoCreateGroup(
  world: World,
  rule: AutoCreationRule,
  text: InboundText,
  members: readonly string[],
): Promise<Conversation | undefined> {
  const receivers = members.filter((address) => address !== text.author);
  const cause = {
    ...causeOf(text),
    addresses: receivers,
    projectedAddress: receivers.filter((address) => world.numbers.has(address)).join(","),
    authorAddress: text.author,
  };
  return autoCreate(world, rule, text, { cause, state: "initializing" }, (make) => {
    if (groupOf(world, members) !== undefined) return undefined;
    const participants = members.map((address) =>
      world.numbers.has(address)
        ? { ...emptyParticipant, projectedAddress: address }
        : { ...emptyParticipant, address },
    );
    const conversation = make();
    reserveGroup(world, conversation, members);
    conversation.joining = {
      participants,
      wanted: "active",
      origin: originOf(text),
      waiting: new Set([{ text, posted: undefined }]),
    };
    joinSoon(world, conversation);
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
  world: World,
  rule: AutoCreationRule,
  text: InboundText,
  { cause, state }: Beginning,
  fill: (make: () => Conversation) => Result,
): Promise<Result> {
  const origin = originOf(text);
  return throughGate(world, {
    prepare(modified) {
      checkBody(text.body ?? "");
      const messagingServiceSid = poolOf(world, rule.number)?.sid;
      const input = withName({ ...emptyConversation, messagingServiceSid }, modified);
      return { ...draftConversation(world, serviceOf(world, rule), input), state };
    },
    describe: (conversation) => ({ type: "onConversationAdd", origin, conversation, cause }),
    commit: (draft) =>
      fill(() => {
        const conversation = enterConversation(world, draft, undated, origin);
        attachConfigured(world, conversation, rule.settings);
        world.publish({ type: "onConversationAdded", at: world.clock.now(), origin, conversation, cause });
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
