import type { Clock } from "../clock.ts";
import type { Ids } from "../ids.ts";
import type { Collection } from "./collection.ts";
import type { DomainEvent, Gate } from "./events.ts";
import type { Account, Content, Media, OwnedNumber, Participant, Service } from "./model.ts";

/** Everything that commands read and change, and the way their effects get out. */
export interface World {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly account: Account;
  readonly services: Collection<Service>;
  readonly defaultService: Service;
  /** Owned numbers by address, prefix included. */
  readonly numbers: Map<string, OwnedNumber>;
  /** The participants that hold an address and proxy pair, by {@link pairKey}. */
  readonly pairs: Map<string, Participant>;
  readonly contents: Collection<Content>;
  readonly media: Map<string, Media>;
  readonly gate: Gate;
  publish(event: DomainEvent): void;
}

/** The key of an address and proxy pair in {@link World.pairs}. */
export function pairKey(address: string, proxyAddress: string): string {
  return `${address}\n${proxyAddress}`;
}
