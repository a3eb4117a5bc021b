import { isoMillis } from "../dates.ts";
import type { Channel } from "../domain/channels.ts";
import type { ContentLink, ContentLocation } from "../domain/content-rendering.ts";
import type { Choice, Receipt } from "../domain/model.ts";
import type { PhoneState } from "./phone-states.ts";

/** A message as the person sees it on the phone. `in`: they received it; `out`: they sent it. */
export interface PhoneMessage {
  /** SID of the channel's message: SM…, MM… or WA…. */
  readonly sid: string;
  readonly direction: "in" | "out";
  readonly from: string;
  readonly to: string;
  /** The other numbers of a group text, without `from` and the phone's own; empty outside group texts. */
  readonly recipients: readonly string[];
  readonly body: string;
  /** URLs, or SIDs of media that have none. */
  readonly media: readonly string[];
  /** Titles that can be tapped to reply. */
  readonly buttons: readonly string[];
  /** The same with their IDs. */
  readonly choices: readonly Choice[];
  /** Links that can be tapped. */
  readonly links: readonly ContentLink[];
  readonly location: ContentLocation | null;
  readonly at: string;
  /** `sent` for outbound messages of the person; inbound messages are `delivered`, then `read`. */
  status: "delivered" | "sent" | "read";
  readonly conversationSid: string | null;
  readonly messageSid: string | null;
}

/** A message that a person sends from a phone, on the phone's own channel. */
export interface InboundMessage {
  readonly channel: Channel;
  readonly from: string;
  /** A number of the account; or the numbers of a group text, one of the account's among them. */
  readonly to: readonly string[];
  readonly body: string;
  readonly mediaUrls: readonly string[];
  /** The button or item that the person taps; its title is the body. */
  readonly choice: Choice | null;
}

/** Properties that can be omitted. */
type Extras = Pick<PhoneMessage, "recipients" | "choices" | "links" | "location">;

/** A message to be shown on a phone. */
export type NewPhoneMessage = Omit<PhoneMessage, "at" | keyof Extras> & Partial<Extras>;

/** A message for a phone that is off, and its receipt, if it has one. */
export interface HeldMessage {
  readonly message: NewPhoneMessage;
  readonly receipt: Receipt | null;
}

/** A phone whose state was set. */
export interface Handset {
  state: PhoneState;
  /** In the order of arrival. */
  readonly held: Set<HeldMessage>;
}

/** The phones of people outside chat: their messages and states. */
export class Phones {
  readonly #inboxes: Map<string, Set<PhoneMessage>>;
  readonly #handsets: Map<string, Handset>;

  /**
   * Both are changed.
   * @param inboxes the messages of each phone, by its address
   * @param handsets the phones whose state was set, by their address
   */
  constructor(inboxes: Map<string, Set<PhoneMessage>>, handsets: Map<string, Handset>) {
    this.#inboxes = inboxes;
    this.#handsets = handsets;
  }

  /** Adds a message to the phone of `address`, at `at` (milliseconds since the epoch). */
  add(address: string, at: number, message: NewPhoneMessage): void {
    const inbox = this.#inboxes.get(address) ?? new Set();
    this.#inboxes.set(address, inbox);
    inbox.add({ recipients: [], choices: [], links: [], location: null, ...message, at: isoMillis(at) });
  }

  /** The messages on the phone, oldest first. */
  inbox(address: string): readonly PhoneMessage[] {
    return [...(this.#inboxes.get(address) ?? [])];
  }

  /** Every phone that has messages or whose state was set. */
  addresses(): readonly string[] {
    return [...new Set([...this.#inboxes.keys(), ...this.#handsets.keys()])];
  }

  /** The button or item of that title in the latest message from `from` that has one. */
  choice(address: string, from: string, title: string): Choice | undefined {
    return this.inbox(address)
      .toReversed()
      .filter((message) => message.from === from)
      .flatMap(({ choices }) => choices)
      .find((choice) => choice.title === title);
  }

  /** Marks all received messages as read. Returns those that were not read before. */
  markRead(address: string): readonly PhoneMessage[] {
    const unread = this.inbox(address).filter(({ status }) => status === "delivered");
    for (const message of unread) message.status = "read";
    return unread;
  }

  /** `on` unless another state was set. */
  state(address: string): PhoneState {
    return this.#handsets.get(address)?.state ?? "on";
  }

  setState(address: string, state: PhoneState): void {
    const handset = this.#handsets.get(address);
    if (handset === undefined) this.#handsets.set(address, { state, held: new Set() });
    else handset.state = state;
  }

  /** Holds a message for a phone that is off. */
  hold(address: string, held: HeldMessage): void {
    this.#handsets.get(address)?.held.add(held);
  }

  /** How many messages are held for the phone. */
  waiting(address: string): number {
    return this.#handsets.get(address)?.held.size ?? 0;
  }

  /** Removes and returns the messages that are held for a phone. */
  release(address: string): readonly HeldMessage[] {
    const held = this.#handsets.get(address)?.held;
    const released = [...(held ?? [])];
    held?.clear();
    return released;
  }
}
