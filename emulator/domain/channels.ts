import type { ApiError } from "./errors.ts";
import { participantRules } from "./rules/participant.ts";

/**
 * The properties of a channel that the account's objects depend on. How a channel delivers messages is in
 * `emulator/channels`.
 */
interface ChannelTraits {
  /** Precedes the number or ID in an address of this channel. */
  readonly prefix: string;
  /** The pattern of the address after the prefix. */
  readonly address: RegExp;
  /** The form of an address, for error messages. */
  readonly addressForm: string;
  /** `Source` in webhooks and messages. */
  readonly source: string;
  /**
   * Prefix of the SIDs of the account's senders. PN: phone numbers, which can be bought and added to messaging
   * services.
   */
  readonly senderSid: "PN" | "XE";
  /** The default page size of the list of its senders in `Channels/Senders`; undefined for channels without such a list. */
  readonly sendersPerPage: number | undefined;
  /** The template types that it shows, by the part before the slash. */
  readonly contentTypes: readonly string[];
  /** Whether it shows buttons, links and locations; else they become lines of text, or are omitted. */
  readonly showsRichContent: boolean;
  /** The error for a proxy address without this channel whose bare number the account owns. */
  readonly proxyNotEnabled: () => ApiError;
}

const e164 = /^\+[1-9]\d{6,14}$/;

/** The channels that the emulator delivers messages on. */
export const channelTraits = {
  sms: {
    prefix: "",
    address: e164,
    addressForm: '"+…" with a number in E.164 form',
    source: "SMS",
    senderSid: "PN",
    sendersPerPage: undefined,
    contentTypes: ["twilio"],
    showsRichContent: false,
    proxyNotEnabled: participantRules.proxyNotOwned,
  },
  whatsapp: {
    prefix: "whatsapp:",
    address: e164,
    addressForm: '"whatsapp:+…" with a number in E.164 form',
    source: "WHATSAPP",
    senderSid: "XE",
    sendersPerPage: 20,
    contentTypes: ["twilio", "whatsapp"],
    showsRichContent: true,
    proxyNotEnabled: participantRules.proxyNotWhatsApp,
  },
  messenger: {
    prefix: "messenger:",
    address: /^\d{1,40}$/,
    addressForm: '"messenger:…" with the ID of a page or person',
    source: "MESSENGER",
    senderSid: "XE",
    sendersPerPage: undefined,
    contentTypes: ["twilio"],
    showsRichContent: true,
    proxyNotEnabled: participantRules.proxyNotOwned,
  },
  rcs: {
    prefix: "rcs:",
    address: /^(\+[1-9]\d{6,14}|[A-Za-z0-9_]{1,100})$/,
    addressForm: '"rcs:…" with a number in E.164 form or the name of an agent',
    source: "RCS",
    senderSid: "XE",
    sendersPerPage: 50,
    contentTypes: ["twilio"],
    showsRichContent: true,
    proxyNotEnabled: participantRules.proxyNotOwned,
  },
} as const satisfies Readonly<Record<string, ChannelTraits>>;

/** A channel that the emulator delivers messages on. */
export type Channel = keyof typeof channelTraits;

/** The channels in `Source`. */
export type ChannelSource = (typeof channelTraits)[Channel]["source"];

/** The channel of group texts ("Group Texting in Conversations"). */
export const groupTextChannel: Channel = "sms";

/** The forms of an address on all channels, for error messages. */
export const addressForms: string = new Intl.ListFormat("en", { type: "disjunction" }).format(
  Object.values(channelTraits).map(({ addressForm }) => addressForm),
);

/** Whether a text names a channel. */
export function isChannel(text: string): text is Channel {
  return Object.hasOwn(channelTraits, text);
}
