import { areaOf, caribbean, pacific, tollFree } from "./area-codes.ts";
import { type Channel, channelTraits } from "./channels.ts";
import { NotEmulatedError } from "./errors.ts";

const maxLength = 256;

/**
 * The channel of a well-formed address: "+1…" is SMS, "whatsapp:+1…" WhatsApp, "messenger:123…" Messenger and
 * "rcs:+1…" RCS; undefined for anything else.
 */
export function channelOf(address: string): Channel | undefined {
  if (address.length > maxLength) return undefined;
  const channels = Object.keys(channelTraits) as Channel[];
  return channels.find((channel) => {
    const { prefix, address: form } = channelTraits[channel];
    return address.startsWith(prefix) && form.test(address.slice(prefix.length));
  });
}

/** Whether the text is an email address. */
export function isEmail(text: string): boolean {
  return text.length <= maxLength && /^[^\s@]+@[^\s@.]+(\.[^\s@.]+)+$/.test(text);
}

/** Whether a number can take part in group texts: long codes of the US and Canada ("Group Texting in Conversations"). */
export function isGroupNumber(address: string): boolean {
  const area = areaOf(address);
  return area !== undefined && ![tollFree, pacific, caribbean].some((codes) => codes.has(area));
}

/** Whether a number is a toll-free one under +1. */
export function isTollFree(address: string): boolean {
  return tollFree.has(areaOf(address) ?? "");
}

/** Discontinued channels of Twilio, by the prefix of their addresses. */
const otherPrefixes = ["gbm:", "apple:"];

/** Throws for an address on a channel that is not emulated ("gbm:…"); `what` is what it would be used for. */
export function checkEmulated(address: string, what: string): void {
  const prefix = otherPrefixes.find((prefix) => address.startsWith(prefix));
  if (prefix !== undefined) throw new NotEmulatedError(`${what} on the channel ${prefix}`);
}
