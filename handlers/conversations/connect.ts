import type { MessageInstance } from "twilio/lib/rest/conversations/v1/conversation/message.js";
import type {
  ConversationContext,
  ConversationInstance,
  ConversationListInstance as Conversations,
} from "twilio/lib/rest/conversations/v1/conversation.js";
import type { ParticipantConversationListInstance as ParticipantConversations } from "twilio/lib/rest/conversations/v1/participantConversation.js";
import * as v from "valibot";
import { backEnd } from "../../core/access/back-end.ts";
import type { Call } from "../../core/call.ts";
import { Conflict, InvalidInput, Misconfigured } from "../../core/errors.ts";
import { excludes, needs, TEMPLATE_STANDS_ALONE } from "../../core/field-rules.ts";
import { defineHandler, Reply } from "../../core/handler.ts";
import {
  address,
  attributes,
  contentVariables,
  MESSAGE_LENGTH,
  sid,
  text,
  uniqueName,
} from "../../core/input.ts";
import type { Log } from "../../core/log.ts";
import { omitUndefined } from "../../core/omit-undefined.ts";
import { type Sid, sidOf } from "../../core/sid.ts";
import { sendOnce } from "../../core/state/send-once.ts";
import { type State, state } from "../../core/state/state.ts";
import { closedTimer, inactiveTimer } from "../../core/timers.ts";
import { checkContent, templates } from "../../core/twilio/contents.ts";
import { conversations } from "../../core/twilio/conversations.ts";
import { explainTwilioError, noneIf404 } from "../../core/twilio/errors.ts";
import {
  addPerson,
  fillOrRemove,
  makeOrFind,
  removeConversation,
} from "../../core/twilio/make-conversation.ts";
import { participantConversations } from "../../core/twilio/participant-conversations.ts";
import { mark, nextName, pairOf } from "./masking/mark.ts";
import { channelOf, poolVariable, proxiesFor } from "./masking/pool.ts";
import { type Proxies, standingOf } from "./masking/standing.ts";
import {
  freeProxies,
  lookAround,
  type Person,
  proxiesTaken,
  type Surroundings,
} from "./masking/surroundings.ts";

/** How often the world may change between looking and acting. */
const MOST_ATTEMPTS = 5;

/**
 * Connects two people of any channels without showing either the other's address (docs: Using WhatsApp with
 * Conversations, "Cross-Channel Masking"): each writes to a proxy address of `PROXY_ADDRESSES`. A person begins with the
 * same one each time and gets the next one where that leads to another open conversation already.
 *
 * Called again for the same two people: their open conversation is the answer. Called at the same instant: both calls
 * mean the same unique name, given or derived from the two, and Twilio lets one create win. Under different names the
 * pair decides: both add the same person first, Twilio refuses the second (50416), and who was refused takes its own
 * back. Whoever finds a pair taken by other people in that moment goes on to the next proxy address. Only the call that
 * made a conversation fills it, and removes it when that fails; one that its maker left half-made is made anew.
 */
export default defineHandler({
  access: backEnd("conversations:write"),
  env: {
    PROXY_ADDRESSES: poolVariable(),
    CONNECT_INACTIVE_TIMER: v.optional(inactiveTimer(), "P1D"),
    CONNECT_CLOSED_TIMER: v.optional(closedTimer(), "P7D"),
  },
  use: { conversations, participantConversations, state, fetchTemplate: templates },
  input: v.pipe(
    v.strictObject({
      /** One of the two, on any channel: `messenger:1234` and `rcs:+15558675310` too. */
      address: address(),
      /** The other one. */
      otherAddress: address(),
      /**
       * The conversation's. Made from the two people unless given; with one of yours, a repeated call is never refused,
       * and never makes a second conversation after the first has closed.
       */
      uniqueName: v.optional(uniqueName()),
      /** What happens when the two have an open conversation: it is the answer, or a 409. */
      onExisting: v.optional(v.picklist(["return", "refuse"], "must be return or refuse"), "return"),
      /** As for `conversations/set-timers`. `CONNECT_INACTIVE_TIMER` unless given: a day. */
      inactive: v.optional(inactiveTimer()),
      /** As for `conversations/set-timers`. `CONNECT_CLOSED_TIMER` unless given: 7 days more. */
      closed: v.optional(closedTimer()),
      /** The conversation's, shown in Twilio's console. */
      friendlyName: v.optional(text(256)),
      /** The conversation's. To them comes `masked`, by which such conversations can be told. */
      attributes: v.optional(attributes(), {}),
      /** A first message, to both. WhatsApp delivers a plain one inside an open 24-hour window only. */
      body: v.optional(text(MESSAGE_LENGTH)),
      /** Instead of `body`: a content template. */
      contentSid: v.optional(sid("HX")),
      /** The template's variables. */
      contentVariables: v.optional(contentVariables()),
    }),
    needs("contentVariables", "contentSid"),
    excludes(["contentSid", "body"], TEMPLATE_STANDS_ALONE),
  ),
  async run(input, { conversations, participantConversations, state, fetchTemplate, env, call, log }) {
    if (input.address === input.otherAddress) {
      throw new InvalidInput("address and otherAddress are the same.", { field: "otherAddress" });
    }
    const people = [person("address", input.address), person("otherAddress", input.otherAddress)];
    const needsApproval = people.some(({ address }) => channelOf(address) === "whatsapp");
    await checkContent(fetchTemplate, input, { needsApproval });

    function person(field: Person["field"], address: string): Person {
      const proxies = proxiesFor(address, env.PROXY_ADDRESSES);
      if (proxies.length > 0) return { field, address, proxies };
      const message = `${field}: the deployment has no proxy address for ${channelOf(address)} (PROXY_ADDRESSES).`;
      throw new InvalidInput(message, { code: "no_proxy_address", field });
    }

    const work: Work = {
      conversations,
      participantConversations,
      state,
      call,
      log,
      people,
      uniqueName: input.uniqueName,
      mayExist: input.onExisting === "return",
      settings: {
        // Timers need a state beside them (error 50382).
        state: "active",
        "timers.inactive": input.inactive ?? env.CONNECT_INACTIVE_TIMER,
        "timers.closed": input.closed ?? env.CONNECT_CLOSED_TIMER,
        ...omitUndefined({ friendlyName: input.friendlyName }),
      },
      attributes: input.attributes,
      firstMessage: omitUndefined({
        body: input.body,
        contentSid: input.contentSid,
        contentVariables: input.contentVariables && JSON.stringify(input.contentVariables),
      }),
    };
    return connect(work).catch((error: unknown) => {
      throw explainTwilioError(error);
    });
  },
});

/** One call, and what it is to make. */
interface Work {
  readonly conversations: Conversations;
  readonly participantConversations: ParticipantConversations;
  readonly state: State;
  readonly call: Call;
  readonly log: Log;
  readonly people: readonly Person[];
  readonly uniqueName: string | undefined;
  readonly mayExist: boolean;
  readonly settings: Omit<Parameters<typeof makeOrFind>[2], "attributes">;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly firstMessage: { body?: string; contentSid?: Sid<"HX">; contentVariables?: string };
}

/** What the caller learns. */
type Connection = {
  /** `connecting`: another call is making the conversation. */
  readonly status: "connected" | "existing" | "connecting" | "closed";
  readonly conversationSid: Sid<"CH">;
  readonly uniqueName: string | null;
  /** What the person behind `address` sees. */
  readonly proxyAddress: string | null;
  /** What the person behind `otherAddress` sees. */
  readonly otherProxyAddress: string | null;
  /** Of a first message. */
  readonly messageSid?: Sid<"IM">;
};

const addressesOf = ({ people }: Work): string[] => people.map(({ address }) => address);

/** The same two people were connected by another call in this very moment. */
class Overtaken extends Error {}

function noneIfOvertaken(error: unknown): undefined {
  if (!(error instanceof Overtaken)) throw error;
}

async function connect(work: Work): Promise<Reply<Connection>> {
  const { state } = work;
  const own = { madeBy: work.call.requestId, pair: pairOf(state, addressesOf(work)) };
  const passed: string[] = [];
  for (let attempt = 1; attempt <= MOST_ATTEMPTS; attempt++) {
    const around = await lookAround(work, work.people);
    const existing = await findExisting(work, around);
    if (existing) return existing;
    const places = work.people.map((person) => ({ person, free: freeProxies(person, around) }));
    const name = work.uniqueName ?? nextName(own.pair, [...around.names, ...passed]);
    const conversation = await makeOrFind(work.conversations, name, {
      ...work.settings,
      attributes: state.forConversation(mark, { uniqueName: name }, own, {
        ...work.attributes,
        masked: { pair: own.pair },
      }),
    });
    if (conversation === undefined) continue;
    const isOwn = state.ofConversation(mark, conversation)?.madeBy === own.madeBy;
    const reply = isOwn
      ? await fill(work, conversation, places, around).catch(noneIfOvertaken)
      : await answerNamed(work, conversation);
    if (reply) return reply;
    if (!isOwn) passed.push(name);
  }
  throw new Conflict("conflict", "Other calls are connecting these people right now. Try again.", {
    field: "otherAddress",
  });
}

/** The answer for an open conversation that the two have, if there is one. */
async function findExisting(work: Work, { shared }: Surroundings): Promise<Reply<Connection> | undefined> {
  for (const sid of shared) {
    const conversationSid = sidOf("CH", sid);
    const context = work.conversations(conversationSid);
    const conversation = await context.fetch().catch(noneIf404);
    if (conversation === undefined) continue;
    const { status, proxies } = await standingOf(work.state, context, conversation, addressesOf(work));
    if (status === "abandoned") await removeAbandoned(work, context, conversationSid);
    if (status === "foreign") {
      const message = "Another deployment has connected these two people. One service has one deployment.";
      throw new Conflict("connected_elsewhere", message, { field: "otherAddress", conversationSid });
    }
    if (status === "existing" || status === "connecting") {
      return answerExisting(work, conversation, status, proxies);
    }
  }
  return undefined;
}

/**
 * The answer for the conversation that has the unique name already; none when there must be another try.
 * @throws {Conflict} when the name is the caller's and belongs to other people.
 */
async function answerNamed(
  work: Work,
  conversation: ConversationInstance,
): Promise<Reply<Connection> | undefined> {
  const conversationSid = sidOf("CH", conversation.sid);
  const context = work.conversations(conversationSid);
  const { status, proxies } = await standingOf(work.state, context, conversation, addressesOf(work));
  if (status === "abandoned") {
    await removeAbandoned(work, context, conversationSid);
    return undefined;
  }
  const isOthers = status === "other" || status === "foreign";
  const isOver = status === "closed" || isOthers;
  if (isOver && work.uniqueName === undefined) return undefined;
  if (isOthers) {
    const message = "uniqueName belongs to a conversation of other people. Choose another one.";
    throw new Conflict("unique_name_taken", message, { field: "uniqueName", conversationSid });
  }
  return answerExisting(work, conversation, status, proxies);
}

async function removeAbandoned(
  { log }: Work,
  context: ConversationContext,
  conversationSid: Sid<"CH">,
): Promise<void> {
  log.warn("abandoned_conversation_removed", { conversationSid });
  await removeConversation(context);
}

/** @throws {Conflict} when the caller wants none that exists; a repeated call knows its own by the unique name. */
function answerExisting(
  work: Work,
  conversation: ConversationInstance,
  status: Connection["status"],
  proxies: Proxies,
): Reply<Connection> {
  const isRepeated = work.uniqueName !== undefined && work.uniqueName === conversation.uniqueName;
  if (!work.mayExist && !isRepeated) {
    const message = 'These two people are connected already. With onExisting "return" that is the answer.';
    const conversationSid = sidOf("CH", conversation.sid);
    throw new Conflict("already_connected", message, { field: "otherAddress", conversationSid });
  }
  return new Reply(200, answer(work, status, conversation, proxies));
}

function answer(
  work: Work,
  status: Connection["status"],
  { sid, uniqueName }: ConversationInstance,
  proxies: Proxies,
): Connection {
  const [proxyAddress, otherProxyAddress] = addressesOf(work).map((address) => proxies.get(address));
  return {
    status,
    conversationSid: sidOf("CH", sid),
    uniqueName: uniqueName ?? null,
    proxyAddress: proxyAddress ?? null,
    otherProxyAddress: otherProxyAddress ?? null,
  };
}

/** A person, and the proxy addresses that are free for them. */
interface Place {
  readonly person: Person;
  readonly free: readonly string[];
}

/** Fills a conversation that this call has made, or removes it. @throws {Overtaken} */
function fill(
  work: Work,
  conversation: ConversationInstance,
  places: readonly Place[],
  before: Surroundings,
): Promise<Reply<Connection>> {
  const conversationSid = sidOf("CH", conversation.sid);
  const context = work.conversations(conversationSid);
  return fillOrRemove(context, conversationSid, work, async () => {
    const proxies = new Map<string, string>();
    // One after the other, whoever is named first, so that of two calls for the same people one finds the other there.
    for (const place of [...places].sort((a, b) => (a.person.address < b.person.address ? -1 : 1))) {
      proxies.set(place.person.address, await addAtFreeProxy(work, context, conversationSid, place, before));
    }
    const hasMessage = Object.keys(work.firstMessage).length > 0;
    const message = hasMessage ? await sendFirst(work, context, conversationSid) : undefined;
    const connected = answer(work, "connected", conversation, proxies);
    return new Reply(201, omitUndefined({ ...connected, messageSid: message && sidOf("IM", message.sid) }));
  });
}

async function sendFirst(
  { state, call, firstMessage }: Work,
  conversation: ConversationContext,
  conversationSid: Sid<"CH">,
): Promise<MessageInstance> {
  const { message } = await sendOnce(
    { state, call, conversation, conversationSid },
    { purpose: "connect", key: call.requestId },
    firstMessage,
    { isNew: true, isTakenBack: true },
  );
  return message;
}

/** Adds a person at the first of the proxy addresses that nobody takes in this moment. @returns that one. */
async function addAtFreeProxy(
  work: Work,
  context: ConversationContext,
  conversationSid: Sid<"CH">,
  { person, free }: Place,
  before: Surroundings,
): Promise<string> {
  const { address, field } = person;
  for (const proxy of free) {
    try {
      await addPerson(context, address, proxy, { field });
      return proxy;
    } catch (error) {
      if (error instanceof InvalidInput && error.code === "invalid_proxy_address") {
        throw new Misconfigured(`PROXY_ADDRESSES: ${error.message}`, { cause: error });
      }
      if (!(error instanceof Conflict && error.code === "pair_already_bound")) throw error;
    }
    // A request that was given up for lost may have arrived late.
    const own = (await context.participants.list()).find(
      ({ messagingBinding }) => messagingBinding?.address === address,
    );
    if (own) return own.messagingBinding.proxy_address;
    const { shared } = await lookAround(work, work.people);
    if (shared.some((sid) => sid !== conversationSid && !before.shared.includes(sid))) throw new Overtaken();
    work.log.warn("proxy_address_taken_meanwhile", { conversationSid, field });
  }
  throw proxiesTaken(person);
}
