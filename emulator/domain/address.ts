import type { Channel, Source } from "./model.ts";

const e164 = /^\+[1-9]\d{6,14}$/;
const maxLength = 256;

/** The channel of a well-formed address: "+1…" is SMS, "whatsapp:+1…" is WhatsApp; undefined for anything else. */
export function channelOf(address: string): Channel | undefined {
  if (address.length > maxLength) return undefined;
  if (address.startsWith("whatsapp:"))
    return e164.test(address.slice("whatsapp:".length)) ? "whatsapp" : undefined;
  return e164.test(address) ? "sms" : undefined;
}

/** Channels that Twilio has and the emulator does not carry, by the prefix of their addresses. */
const otherPrefixes = ["messenger:", "rcs:", "gbm:", "apple:", "email:"];

/** The prefix of an address on a channel that is not emulated ("messenger:"), or undefined. */
export function unemulatedPrefix(address: string): string | undefined {
  return otherPrefixes.find((prefix) => address.startsWith(prefix));
}

/** How webhooks name what comes in on a channel. */
export const sourceOf: Readonly<Record<Channel, Source>> = { sms: "SMS", whatsapp: "WHATSAPP" };
