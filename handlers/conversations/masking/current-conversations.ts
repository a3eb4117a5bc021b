import type {
  ParticipantConversationInstance,
  ParticipantConversationListInstance as ParticipantConversations,
} from "twilio/lib/rest/conversations/v1/participantConversation.js";
import { Conflict } from "../../../core/errors.ts";
import type { State } from "../../../core/state/state.ts";
import { explainTwilioError } from "../../../core/twilio/errors.ts";
import { isOpen } from "../../../core/twilio/participant-conversations.ts";
import { mark, pairOf } from "./mark.ts";

/** One of the two people to connect. */
export interface Person {
  /** The input field that named them. */
  readonly field: string;
  readonly address: string;
  /** The pool's addresses of their channel, in this person's order. */
  readonly proxies: readonly string[];
}

/** The conversations of two people in the configured service. */
export interface CurrentConversations {
  /** Proxy addresses that are in use for a person, by their address. */
  readonly taken: ReadonlyMap<string, ReadonlySet<string>>;
  /** SIDs of open conversations that may be the two people's own: marked as theirs, or with both in them. */
  readonly shared: readonly string[];
  /** Unique names of their conversations, closed ones too. */
  readonly names: readonly string[];
}

/** Reads the conversations of two people (docs: Participant conversation resource). */
export async function readConversationsOf(
  { participantConversations, state }: { participantConversations: ParticipantConversations; state: State },
  people: readonly Person[],
): Promise<CurrentConversations> {
  const lists = await Promise.all(
    people.map(({ address, field }) =>
      participantConversations.list({ address }).catch((error: unknown) => {
        throw explainTwilioError(error, { field });
      }),
    ),
  );
  const pair = pairOf(
    state,
    people.map(({ address }) => address),
  );
  const open = lists.map((list) => list.filter(isOpen));
  const sids = open.map((list) => new Set(list.map(({ conversationSid }) => conversationSid)));
  const shared = open
    .flat()
    .filter((one) => isOfPair(state, one, pair) || sids.every((set) => set.has(one.conversationSid)));
  const proxies = open.map((list) => list.map((one) => one.participantMessagingBinding?.proxy_address));
  return {
    taken: new Map(people.map(({ address }, index) => [address, new Set(proxies[index])])),
    shared: [...new Set(shared.map(({ conversationSid }) => conversationSid))],
    names: lists.flat().flatMap(({ conversationUniqueName }) => conversationUniqueName ?? []),
  };
}

const isOfPair = (
  state: State,
  {
    conversationSid: sid,
    conversationUniqueName,
    conversationAttributes: attributes,
  }: ParticipantConversationInstance,
  pair: string,
): boolean =>
  state.ofConversation(mark, { sid, uniqueName: conversationUniqueName ?? null, attributes })?.pair === pair;

/** The proxy addresses that are free for a person. @throws {Conflict} when there is none. */
export function freeProxies(person: Person, { taken }: CurrentConversations): readonly string[] {
  const free = person.proxies.filter((proxy) => !taken.get(person.address)?.has(proxy));
  if (free.length === 0) throw proxiesTaken(person);
  return free;
}

/** 409: every proxy address is in use for this person. */
export const proxiesTaken = ({ field, proxies }: Person): Conflict =>
  new Conflict(
    "proxy_addresses_taken",
    `${field}: all proxy addresses for this person (${proxies.length}) are in use by open conversations. Close one of ` +
      "them, or add an address to PROXY_ADDRESSES.",
    { field },
  );
