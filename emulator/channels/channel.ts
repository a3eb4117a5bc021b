import type { ChannelMessagePrefix } from "../domain/account-model.ts";
import type { Content } from "../domain/model.ts";
import type { Resources } from "../domain/resources.ts";
import type { Rules } from "./a2p.ts";
import type { DeliveryError } from "./delivery-errors.ts";
import type { FileLimits } from "./limits.ts";
import type { PhoneState } from "./phone-states.ts";

/** How a channel delivers messages. What the account's objects depend on is in `emulator/domain/channels.ts`. */
export interface MessagingChannel {
  /** Prefixes of the SIDs of its messages, without and with media. */
  readonly messageSid: Readonly<Record<"text" | "media", ChannelMessagePrefix>>;
  /** Limits on files, by who sends them: a chat participant or the account, or a person outside chat. */
  readonly fileLimits: Readonly<Record<"fromChat" | "fromPerson", FileLimits>>;
  /** The error for a phone in each of these states. A state without an error does not exist on this channel. */
  readonly phoneErrors: Readonly<Partial<Record<Exclude<PhoneState, "on" | "off">, DeliveryError>>>;
  /** Whether a message stays `sent` until the phone is on; else it is delivered to a phone that is off. */
  readonly waitsForPhone: boolean;
  /** Whether reading a message is reported to the sender. */
  readonly reportsReads: boolean;
  /** Whether messages other than approved templates need an open customer service window. */
  readonly hasServiceWindow: boolean;
  /** Whether the numbers of the account on this channel handle opt-out keywords. */
  readonly handlesOptOutKeywords: boolean;
  /** The error of a message that it rejects in any state of the phone; undefined when it accepts the message. */
  check(message: OutboundText): DeliveryError | undefined;
  /** The parameters of the number's messaging webhook that only this channel has. */
  webhookFields(from: string): readonly (readonly [name: string, value: string])[];
}

/** The properties of a message that a channel checks before it delivers it. */
export interface OutboundText {
  readonly resources: Resources;
  readonly rules: Rules;
  readonly from: string;
  readonly to: string;
  readonly content: Content | undefined;
  readonly contentVariables: ReadonlyMap<string, string>;
  /** Whether the customer service window is open: the person has written to the sender within 24 hours. */
  readonly windowIsOpen: boolean;
}
