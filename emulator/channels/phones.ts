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
  /** Titles that can be tapped to answer with. */
  readonly buttons: readonly string[];
  /** The same with what tells them apart in every language. */
  readonly choices: readonly Choice[];
  /** What can be tapped and leads elsewhere. */
  readonly links: readonly ContentLink[];
  readonly location: ContentLocation | null;
  readonly at: string;
  /** `sent` for what the person sent; what they received is `delivered`, and `read` once they have read it. */
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
  /** What the person taps; its title is the body. */
  readonly choice: Choice | null;
}

/** What only some messages have; the others have nothing there. */
type Extras = Pick<PhoneMessage, "recipients" | "choices" | "links" | "location">;

/** A message on its way to a phone's screen. */
export type NewPhoneMessage = Omit<PhoneMessage, "at" | keyof Extras> & Partial<Extras>;

/** What waits for a phone that is off, with the receipt that tells of it, if one does. */
export interface HeldMessage {
  readonly message: NewPhoneMessage;
  readonly receipt: Receipt | null;
}

/** A phone that somebody has given a state. */
export interface Handset {
  state: PhoneState;
  /** In the order in which they came. */
  readonly held: Set<HeldMessage>;
}

/** The phones of the people outside: what each has received and sent, and the state that it is in. */
export class Phones {
  readonly #inboxes: Map<string, Set<PhoneMessage>>;
  readonly #handsets: Map<string, Handset>;

  /**
   * Both are changed.
   *
   * @param inboxes what each phone shows, by its address
   * @param handsets the phones that were given a state, by their address
   */
  constructor(inboxes: Map<string, Set<PhoneMessage>>, handsets: Map<string, Handset>) {
    this.#inboxes = inboxes;
    this.#handsets = handsets;
  }

  /** Puts a message on the phone of `address`, at `at` (milliseconds since the epoch). */
  add(address: string, at: number, message: NewPhoneMessage): void {
    const inbox = this.#inboxes.get(address) ?? new Set();
    this.#inboxes.set(address, inbox);
    inbox.add({ recipients: [], choices: [], links: [], location: null, ...message, at: isoMillis(at) });
  }

  /** What the phone shows, oldest first. */
  inbox(address: string): readonly PhoneMessage[] {
    return [...(this.#inboxes.get(address) ?? [])];
  }

  /** Every phone that has received or sent something, or was given a state. */
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

  /** Marks all that the phone received as read. Returns what had not been read before. */
  markRead(address: string): readonly PhoneMessage[] {
    const unread = this.inbox(address).filter(({ status }) => status === "delivered");
    for (const message of unread) message.status = "read";
    return unread;
  }

  /** `on` unless it was given another state. */
  state(address: string): PhoneState {
    return this.#handsets.get(address)?.state ?? "on";
  }

  setState(address: string, state: PhoneState): void {
    const handset = this.#handsets.get(address);
    if (handset === undefined) this.#handsets.set(address, { state, held: new Set() });
    else handset.state = state;
  }

  /** Keeps a message for a phone that is off. */
  hold(address: string, held: HeldMessage): void {
    this.#handsets.get(address)?.held.add(held);
  }

  /** How many messages wait for the phone. */
  waiting(address: string): number {
    return this.#handsets.get(address)?.held.size ?? 0;
  }

  /** Hands out what was kept for a phone, once. */
  release(address: string): readonly HeldMessage[] {
    const held = this.#handsets.get(address)?.held;
    const released = [...(held ?? [])];
    held?.clear();
    return released;
  }
}
