import type { OwnedNumber } from "./account-model.ts";
import { channelOf } from "./address.ts";
import { checkFriendlyName } from "./attributes.ts";
import { type Channel, channelTraits } from "./channels.ts";
import { isPhoneNumber, unpoolNumber } from "./messaging-services.ts";
import type { Resources } from "./resources.ts";
import { messagingRules } from "./rules/messaging.ts";

/** Parameters of a number; undefined when omitted. */
export interface NumberInput {
  readonly friendlyName: string | undefined;
  /** The URL of its messaging webhook. */
  readonly smsUrl: string | undefined;
}

/** Adds a number or sender to the account, unless it has it already. Undefined when the address is invalid. */
export function addNumber(resources: Resources, address: string): OwnedNumber | undefined {
  const channel = channelOf(address);
  if (channel === undefined) return undefined;
  return resources.numbers.get(address) ?? own(resources, address, channel);
}

/** Buys a phone number that the account does not have: a given one, or the next of an area code. */
export function buyNumber(
  resources: Resources,
  input: NumberInput & { readonly phoneNumber: string | undefined; readonly areaCode: string | undefined },
): OwnedNumber {
  const { phoneNumber, areaCode } = input;
  const friendlyName = checkFriendlyName(input.friendlyName ?? null);
  const address = phoneNumber ?? nextOfArea(resources, areaCode);
  const channel = channelOf(address);
  if (channel === undefined || !isPhoneNumber({ channel })) throw messagingRules.phoneNumberInvalid();
  if (resources.numbers.has(address)) throw messagingRules.phoneNumberOwned();
  const number = own(resources, address, channel);
  number.friendlyName = friendlyName || address;
  number.smsUrl = input.smsUrl ?? "";
  return number;
}

/** Changes a number's name or messaging webhook. */
export function updateNumber(resources: Resources, number: OwnedNumber, input: NumberInput): void {
  number.friendlyName = checkFriendlyName(input.friendlyName || number.friendlyName) ?? number.friendlyName;
  number.smsUrl = input.smsUrl ?? number.smsUrl;
  number.dateUpdated = resources.clock.now();
}

/** Releases a number. Messages to it are no longer received; participants keep it as their proxy address. */
export function releaseNumber(resources: Resources, number: OwnedNumber): void {
  unpoolNumber(resources, number);
  resources.ownedNumbers.delete(number);
  resources.numbers.delete(number.address);
}

function own(resources: Resources, address: string, channel: Channel): OwnedNumber {
  const now = resources.clock.now();
  const number: OwnedNumber = {
    sid: resources.ids.sid(channelTraits[channel].senderSid),
    seq: resources.ownedNumbers.nextSeq(),
    address,
    channel,
    friendlyName: address,
    smsUrl: "",
    dateCreated: now,
    dateUpdated: now,
  };
  resources.ownedNumbers.add(number);
  resources.numbers.set(address, number);
  return number;
}

/** The first free one of the fictional numbers 555-0100 to 555-0199. */
function nextOfArea(resources: Resources, areaCode: string | undefined): string {
  if (!/^[2-9]\d{2}$/.test(areaCode ?? "")) throw messagingRules.phoneNumberInvalid();
  for (let line = 100; line < 200; line += 1) {
    const address = `+1${areaCode}5550${line}`;
    if (!resources.numbers.has(address)) return address;
  }
  throw messagingRules.phoneNumberOwned();
}
