import { isoMillis } from "../dates.ts";

/** A message as the person sees it on the phone. `in`: they received it; `out`: they sent it. */
export interface PhoneMessage {
  /** SID of the channel's message: SM… or WA…. */
  readonly sid: string;
  readonly direction: "in" | "out";
  readonly from: string;
  readonly to: string;
  /** Of a group text: the other members, without the sender and this phone. Empty otherwise. */
  readonly recipients: readonly string[];
  readonly body: string;
  /** URLs, or SIDs of media that have none. */
  readonly media: readonly string[];
  /** Titles that can be tapped to answer with. */
  readonly buttons: readonly string[];
  readonly at: string;
  readonly status: "delivered" | "sent";
  readonly conversationSid: string | null;
  readonly messageSid: string | null;
}

/** The phones of the people outside: what each has received and sent. A phone exists once it has done either. */
export class Phones {
  readonly #inboxes: Map<string, PhoneMessage[]>;

  /** @param inboxes what each phone shows, by its address; it is changed. */
  constructor(inboxes: Map<string, PhoneMessage[]>) {
    this.#inboxes = inboxes;
  }

  /** Puts a message on the phone of `address`, at `at` (milliseconds since the epoch). */
  add(address: string, at: number, message: Omit<PhoneMessage, "at">): void {
    const inbox = this.#inboxes.get(address) ?? [];
    this.#inboxes.set(address, inbox);
    inbox.push({ ...message, at: isoMillis(at) });
  }

  /** What the phone shows, oldest first. */
  inbox(address: string): readonly PhoneMessage[] {
    return this.#inboxes.get(address) ?? [];
  }

  addresses(): readonly string[] {
    return [...this.#inboxes.keys()];
  }

  /** Whether the phone shows a message from `from` with a button of that title. */
  hasButton(address: string, from: string, title: string): boolean {
    return this.inbox(address).some((message) => message.from === from && message.buttons.includes(title));
  }
}
