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
import { excludes, needs, TEMPLATE_OR_TEXT } from "../../core/field-rules.ts";
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
import {
  type CurrentConversations,
  freeProxies,
  type Person,
  proxiesTaken,
  readConversationsOf,
} from "./masking/current-conversations.ts";
import { mark, nextName, pairOf } from "./masking/mark.ts";
import { type Proxies, pairStatusOf } from "./masking/pair-status.ts";
import { channelOf, poolVariable, proxiesFor } from "./masking/pool.ts";

/** How often other calls may change the conversations between reading and writing. */
const MOST_ATTEMPTS = 5;

/**
 * Connects two people on any channels without showing either the other's address (docs: Using WhatsApp with
 * Conversations, "Cross-Channel Masking"): each writes to a proxy address of `PROXY_ADDRESSES`. A person gets the same proxy
 * address first each time, and the next one if that is in use for another open conversation of theirs.
 *
 * Called again for the same two people, it answers with their open conversation. Concurrent calls use the same unique name,
 * given or derived from the two people, and one create succeeds. With different names the number pair decides: both calls
 * add the same person first, Twilio rejects the second (50416), and that call removes its conversation. If other people have
 * taken a pair meanwhile, the next proxy address is used. Only the call that has created a conversation fills it, and removes
 * it when that fails; an incomplete conversation whose call was cut off is replaced.
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
      /** One person, on any channel: `messenger:1234` and `rcs:+15558675310` too. */
      address: address(),
      /** The other person. */
      otherAddress: address(),
      /**
       * The conversation's unique name. Derived from the two people if omitted. With your own, a repeated call is never rejected,
       * and never creates a second conversation after the first has closed.
       */
      uniqueName: v.optional(uniqueName()),
      /** What to do when the two have an open conversation: answer with it, or with a 409. */
      onExisting: v.optional(v.picklist(["return", "refuse"], "must be return or refuse"), "return"),
      /** As for `conversations/set-timers`. `CONNECT_INACTIVE_TIMER` if omitted: a day. */
      inactive: v.optional(inactiveTimer()),
      /** As for `conversations/set-timers`. `CONNECT_CLOSED_TIMER` if omitted: 7 days more. */
      closed: v.optional(closedTimer()),
      /** The conversation's name, shown in Twilio's console. */
      friendlyName: v.optional(text(256)),
      /** The conversation's attributes. `masked` is added, which marks such conversations. */
      attributes: v.optional(attributes(), {}),
      /** A first message, to both. WhatsApp delivers free text only in an open 24-hour window. */
      body: v.optional(text(MESSAGE_LENGTH)),
      /** Instead of `body`: a content template. */
      contentSid: v.optional(sid("HX")),
      /** The template's variables. */
      contentVariables: v.optional(contentVariables()),
    }),
    needs("contentVariables", "contentSid"),
    excludes(["contentSid", "body"], TEMPLATE_OR_TEXT),
  ),
  mayBeRepeated: () => true,
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

    const context: ConnectContext = {
      conversations,
      participantConversations,
      state,
      call,
      log,
      people,
      uniqueName: input.uniqueName,
      mayExist: input.onExisting === "return",
      settings: {
        // Timers must be set together with a state (error 50382).
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
    return connect(context).catch((error: unknown) => {
      throw explainTwilioError(error);
    });
  },
});

/** What a call needs to connect two people. */
interface ConnectContext {
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

/** The body of the answer. */
type Connection = {
  /** `connecting`: another call is creating the conversation. */
  readonly status: "connected" | "existing" | "connecting" | "closed";
  readonly conversationSid: Sid<"CH">;
  readonly uniqueName: string | null;
  /** The address that the person with `address` sees. */
  readonly proxyAddress: string | null;
  /** The address that the person with `otherAddress` sees. */
  readonly otherProxyAddress: string | null;
  /** The first message, if there is one. */
  readonly messageSid?: Sid<"IM">;
};

const addressesOf = ({ people }: ConnectContext): string[] => people.map(({ address }) => address);

/** Another call has connected the same two people meanwhile. */
class ConnectedMeanwhile extends Error {}

function noneIfConnectedMeanwhile(error: unknown): undefined {
  if (!(error instanceof ConnectedMeanwhile)) throw error;
}

async function connect(context: ConnectContext): Promise<Reply<Connection>> {
  const { state } = context;
  const own = { madeBy: context.call.requestId, pair: pairOf(state, addressesOf(context)) };
  const triedNames: string[] = [];
  for (let attempt = 1; attempt <= MOST_ATTEMPTS; attempt++) {
    const current = await readConversationsOf(context, context.people);
    const existing = await findExisting(context, current);
    if (existing) return existing;
    const candidates = context.people.map((person) => ({ person, free: freeProxies(person, current) }));
    const name = context.uniqueName ?? nextName(own.pair, [...current.names, ...triedNames]);
    const conversation = await makeOrFind(context, name, {
      ...context.settings,
      attributes: state.forConversation(mark, { uniqueName: name }, own, {
        ...context.attributes,
        masked: { pair: own.pair },
      }),
    });
    if (conversation === undefined) continue;
    const isOwn = state.ofConversation(mark, conversation)?.madeBy === own.madeBy;
    const reply = isOwn
      ? await fill(context, conversation, candidates, current).catch(noneIfConnectedMeanwhile)
      : await answerNamed(context, conversation);
    if (reply) return reply;
    if (!isOwn) triedNames.push(name);
  }
  throw new Conflict("conflict", "Other calls are connecting these people right now. Try again.", {
    field: "otherAddress",
  });
}

/** The answer for an open conversation of the two people, if there is one. */
async function findExisting(
  context: ConnectContext,
  { shared }: CurrentConversations,
): Promise<Reply<Connection> | undefined> {
  for (const sid of shared) {
    const conversationSid = sidOf("CH", sid);
    const conversationContext = context.conversations(conversationSid);
    const conversation = await conversationContext.fetch().catch(noneIf404);
    if (conversation === undefined) continue;
    const { status, proxies } = await pairStatusOf(
      context.state,
      conversationContext,
      conversation,
      addressesOf(context),
    );
    if (status === "abandoned") await removeAbandoned(context, conversationContext, conversationSid);
    if (status === "foreign") {
      const message = "Another deployment has connected these two people. One service has one deployment.";
      throw new Conflict("connected_elsewhere", message, { field: "otherAddress", conversationSid });
    }
    if (status === "existing" || status === "connecting") {
      return answerExisting(context, conversation, status, proxies);
    }
  }
  return undefined;
}

/**
 * The answer for the conversation that already has the unique name; `undefined` if another attempt is needed.
 * @throws {Conflict} when the caller gave the name and it belongs to other people.
 */
async function answerNamed(
  context: ConnectContext,
  conversation: ConversationInstance,
): Promise<Reply<Connection> | undefined> {
  const conversationSid = sidOf("CH", conversation.sid);
  const conversationContext = context.conversations(conversationSid);
  const { status, proxies } = await pairStatusOf(
    context.state,
    conversationContext,
    conversation,
    addressesOf(context),
  );
  if (status === "abandoned") {
    await removeAbandoned(context, conversationContext, conversationSid);
    return undefined;
  }
  const isOthers = status === "other" || status === "foreign";
  const isOver = status === "closed" || isOthers;
  if (isOver && context.uniqueName === undefined) return undefined;
  if (isOthers) {
    const message = "uniqueName belongs to a conversation of other people. Choose another one.";
    throw new Conflict("unique_name_taken", message, { field: "uniqueName", conversationSid });
  }
  return answerExisting(context, conversation, status, proxies);
}

async function removeAbandoned(
  { log }: ConnectContext,
  conversationContext: ConversationContext,
  conversationSid: Sid<"CH">,
): Promise<void> {
  log.warn("abandoned_conversation_removed", { conversationSid });
  await removeConversation(conversationContext);
}

/** @throws {Conflict} when the caller does not accept an existing one; a repeated call recognizes its own by the unique name. */
function answerExisting(
  context: ConnectContext,
  conversation: ConversationInstance,
  status: Connection["status"],
  proxies: Proxies,
): Reply<Connection> {
  const isRepeated = context.uniqueName !== undefined && context.uniqueName === conversation.uniqueName;
  if (!context.mayExist && !isRepeated) {
    const message =
      'These two people are already connected. Set onExisting to "return" to get their conversation.';
    const conversationSid = sidOf("CH", conversation.sid);
    throw new Conflict("already_connected", message, { field: "otherAddress", conversationSid });
  }
  return new Reply(200, answer(context, status, conversation, proxies));
}

function answer(
  context: ConnectContext,
  status: Connection["status"],
  { sid, uniqueName }: ConversationInstance,
  proxies: Proxies,
): Connection {
  const [proxyAddress, otherProxyAddress] = addressesOf(context).map((address) => proxies.get(address));
  return {
    status,
    conversationSid: sidOf("CH", sid),
    uniqueName: uniqueName ?? null,
    proxyAddress: proxyAddress ?? null,
    otherProxyAddress: otherProxyAddress ?? null,
  };
}

/** A person with the proxy addresses that are free for them. */
interface Candidate {
  readonly person: Person;
  readonly free: readonly string[];
}

/** Fills a conversation that this call has created, or removes it. @throws {ConnectedMeanwhile} */
function fill(
  context: ConnectContext,
  conversation: ConversationInstance,
  candidates: readonly Candidate[],
  before: CurrentConversations,
): Promise<Reply<Connection>> {
  const conversationSid = sidOf("CH", conversation.sid);
  const conversationContext = context.conversations(conversationSid);
  return fillOrRemove(conversationContext, conversationSid, context, async () => {
    const proxies = new Map<string, string>();
    // One after the other, in the same order in every call, so that of two calls for the same people one fails early.
    for (const candidate of [...candidates].sort((a, b) => (a.person.address < b.person.address ? -1 : 1))) {
      proxies.set(
        candidate.person.address,
        await addAtFreeProxy(context, conversationContext, conversationSid, candidate, before),
      );
    }
    const hasMessage = Object.keys(context.firstMessage).length > 0;
    const message = hasMessage ? await sendFirst(context, conversationContext, conversationSid) : undefined;
    const connected = answer(context, "connected", conversation, proxies);
    return new Reply(201, omitUndefined({ ...connected, messageSid: message && sidOf("IM", message.sid) }));
  });
}

async function sendFirst(
  { state, call, firstMessage }: ConnectContext,
  conversation: ConversationContext,
  conversationSid: Sid<"CH">,
): Promise<MessageInstance> {
  const { message } = await sendOnce(
    { state, call, conversation, conversationSid },
    { purpose: "connect", key: call.requestId },
    firstMessage,
    { isNew: true },
  );
  return message;
}

/** Adds a person at the first proxy address that is not taken meanwhile. @returns that address. */
async function addAtFreeProxy(
  context: ConnectContext,
  conversationContext: ConversationContext,
  conversationSid: Sid<"CH">,
  { person, free }: Candidate,
  before: CurrentConversations,
): Promise<string> {
  const { address, field } = person;
  for (const proxy of free) {
    try {
      await addPerson({ conversation: conversationContext, call: context.call }, address, proxy, { field });
      return proxy;
    } catch (error) {
      if (error instanceof InvalidInput && error.code === "invalid_proxy_address") {
        throw new Misconfigured(`PROXY_ADDRESSES: ${error.message}`, { cause: error });
      }
      if (!(error instanceof Conflict && error.code === "pair_already_bound")) throw error;
    }
    // A request whose answer was lost may have arrived late.
    const own = (await conversationContext.participants.list()).find(
      ({ messagingBinding }) => messagingBinding?.address === address,
    );
    if (own) return own.messagingBinding.proxy_address;
    const { shared } = await readConversationsOf(context, context.people);
    if (shared.some((sid) => sid !== conversationSid && !before.shared.includes(sid)))
      throw new ConnectedMeanwhile();
    context.log.warn("proxy_address_taken_meanwhile", { conversationSid, field });
  }
  throw proxiesTaken(person);
}
