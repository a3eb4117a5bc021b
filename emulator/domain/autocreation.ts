import type { AutoCreation, OwnedNumber, Service } from "./account-model.ts";
import { noAutoCreation } from "./address-configurations.ts";
import { draftConversation, emptyConversation, withName } from "./conversation-drafts.ts";
import { joinSoon } from "./conversation-with-participants.ts";
import { enterConversation } from "./conversations.ts";
import type { AutoCreationCause } from "./events.ts";
import { throughGate } from "./gate.ts";
import { groupOf, reserveGroup } from "./groups.ts";
import { checkBody, placeText } from "./messages.ts";
import { poolOf } from "./messaging-services.ts";
import type { Conversation, ConversationState, InboundText, Message, Origin } from "./model.ts";
import { holderOf } from "./pairs.ts";
import { checkParticipant, commitParticipant, emptyParticipant } from "./participants.ts";
import { attachConfigured } from "./webhooks.ts";
import type { World } from "./world.ts";

/*
 * Conversations that a message from outside makes ("Inbound Message Handling & Autocreation"). The pre-action webhook
 * is asked about the conversation alone, never about its participants or its first message.
 */

/** By which rule messages to a number of the account make conversations, if by any. */
export interface AutoCreationRule {
  readonly number: OwnedNumber;
  readonly settings: AutoCreation;
}

/** The rule for a message to these numbers: that of the first that has one, for itself or through its pool. */
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

/** What a messaging service's switch asks for. */
const plain: AutoCreation = { ...noAutoCreation, enabled: true };

/** The service that the rule's conversations are made in: the default one, too, when it has deleted its own. */
export function serviceOf(world: World, { settings }: AutoCreationRule): Service {
  return world.services.get(settings.conversationServiceSid ?? "") ?? world.defaultService;
}

/**
 * Makes a conversation with the sender of a message and the message in it. Undefined when the pair has found its
 * conversation while the pre-action webhook was asked. Rejects with the webhook's refusal: then nothing was made.
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
    return placeText(world, conversation, text);
  });
}

/**
 * Makes a group text among `members`, numbers of the account and of people. It stays `initializing` until everybody has
 * joined and the message is in it. Undefined when the group has found its conversation meanwhile.
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

/** What a conversation is made for, and the state that it begins in and shows to the pre-action webhook. */
interface Beginning {
  readonly cause: AutoCreationCause;
  readonly state: ConversationState;
}

/** Asks about the conversation, and lets `fill` make it with who and what belongs in it. */
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
