import type { Clock } from "../clock.ts";
import type { Ids } from "../ids.ts";
import type {
  Account,
  AddressConfiguration,
  ChannelMessage,
  ChatChannel,
  Credential,
  MessagingService,
  OwnedNumber,
  Service,
} from "./account-model.ts";
import type { Collection } from "./collection.ts";
import type { DomainEvent, Gate } from "./events.ts";
import type { Joinings } from "./joinings.ts";
import type { Content, Conversation, Media, Participant } from "./model.ts";

/** The state that commands read and change, and how they publish events. */
export interface Resources {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly account: Account;
  readonly services: Collection<Service>;
  /** The service for paths without a service. */
  defaultService: Service;
  /** Owned numbers and senders, and the same by address, prefix included. */
  readonly ownedNumbers: Collection<OwnedNumber>;
  readonly numbers: Map<string, OwnedNumber>;
  readonly messagingServices: Collection<MessagingService>;
  readonly credentials: Collection<Credential>;
  readonly addresses: Collection<AddressConfiguration>;
  /** The same by address, with the prefix of its type: "+1…", "whatsapp:+1…", "email:ann@example.com". */
  readonly addressesByAddress: Map<string, AddressConfiguration>;
  /** The participants that hold an address and proxy pair, by {@link pairKey}. */
  readonly pairs: Map<string, Participant>;
  /** The open group texts by their set of numbers ("Group Texting in Conversations"). */
  readonly groups: Map<string, Conversation>;
  readonly contents: Collection<Content>;
  readonly media: Map<string, Media>;
  /** By their SID. */
  readonly chatChannels: Map<string, ChatChannel>;
  /** The messages that numbers received and sent outside conversations. */
  readonly channelMessages: Collection<ChannelMessage>;
  /** Of conversations that are `initializing`. */
  readonly joinings: Joinings;
  readonly gate: Gate;
  publish(event: DomainEvent): void;
}

/** The key of an address and proxy pair in {@link Resources.pairs}. */
export function pairKey(address: string, proxyAddress: string): string {
  return `${address}\n${proxyAddress}`;
}
