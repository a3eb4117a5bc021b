import type {
  ParticipantConversationInstance,
  ParticipantConversationListInstance as ParticipantConversations,
} from "twilio/lib/rest/conversations/v1/participantConversation.js";
import { Conflict } from "../../../core/errors.ts";
import type { State } from "../../../core/state/state.ts";
import { explainTwilioError } from "../../../core/twilio/errors.ts";
import { isOpen } from "../../../core/twilio/participant-conversations.ts";
import { mark, pairOf } from "./mark.ts";

/** One of the two who are to be connected. */
export interface Person {
  /** The input field that named them. */
  readonly field: string;
  readonly address: string;
  /** The pool's addresses of their channel, the one to begin with first. */
  readonly proxies: readonly string[];
}

/** What two people are in, as far as the configured service knows. */
export interface Surroundings {
  /** Proxy addresses that lead somewhere already, by the person's address. */
  readonly taken: ReadonlyMap<string, ReadonlySet<string>>;
  /** SIDs of open conversations that may be the two people's own: marked as theirs, or with both in them. */
  readonly shared: readonly string[];
  /** Unique names of their conversations, closed ones too. */
  readonly names: readonly string[];
}

/** Looks what two people are in (docs: Participant conversation resource). */
export async function lookAround(
  { participantConversations, state }: { participantConversations: ParticipantConversations; state: State },
  people: readonly Person[],
): Promise<Surroundings> {
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

/** The person's proxy addresses that lead nowhere yet. @throws {Conflict} when there is none left. */
export function freeProxies(person: Person, { taken }: Surroundings): readonly string[] {
  const free = person.proxies.filter((proxy) => !taken.get(person.address)?.has(proxy));
  if (free.length === 0) throw proxiesTaken(person);
  return free;
}

/** 409: every proxy address leads the person to some conversation already. */
export const proxiesTaken = ({ field, proxies }: Person): Conflict =>
  new Conflict(
    "proxy_addresses_taken",
    `${field}: all proxy addresses for this person (${proxies.length}) lead to open conversations already. Close one of ` +
      "those, or add to PROXY_ADDRESSES.",
    { field },
  );
