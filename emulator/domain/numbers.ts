import type { OwnedNumber } from "./account-model.ts";
import { channelOf } from "./address.ts";
import { checkFriendlyName } from "./attributes.ts";
import { type Channel, channelTraits } from "./channels.ts";
import { isPhoneNumber, unpoolNumber } from "./messaging-services.ts";
import { messagingRules } from "./rules/messaging.ts";
import type { World } from "./world.ts";

/** Parameters of a number; undefined when omitted. */
export interface NumberInput {
  readonly friendlyName: string | undefined;
  /** The URL of its messaging webhook. */
  readonly smsUrl: string | undefined;
}

/** Adds a number or sender to the account, unless it has it already. Undefined when the address is invalid. */
export function addNumber(world: World, address: string): OwnedNumber | undefined {
  const channel = channelOf(address);
  if (channel === undefined) return undefined;
  return world.numbers.get(address) ?? own(world, address, channel);
}

/** Buys a phone number that the account does not have: a given one, or the next of an area code. */
export function buyNumber(
  world: World,
  input: NumberInput & { readonly phoneNumber: string | undefined; readonly areaCode: string | undefined },
): OwnedNumber {
  const { phoneNumber, areaCode } = input;
  const friendlyName = checkFriendlyName(input.friendlyName ?? null);
  const address = phoneNumber ?? nextOfArea(world, areaCode);
  const channel = channelOf(address);
  if (channel === undefined || !isPhoneNumber({ channel })) throw messagingRules.phoneNumberInvalid();
  if (world.numbers.has(address)) throw messagingRules.phoneNumberOwned();
  const number = own(world, address, channel);
  number.friendlyName = friendlyName || address;
  number.smsUrl = input.smsUrl ?? "";
  return number;
}

/** Changes a number's name or messaging webhook. */
export function updateNumber(world: World, number: OwnedNumber, input: NumberInput): void {
  number.friendlyName = checkFriendlyName(input.friendlyName || number.friendlyName) ?? number.friendlyName;
  number.smsUrl = input.smsUrl ?? number.smsUrl;
  number.dateUpdated = world.clock.now();
}

/** Releases a number. Messages to it are no longer received; participants keep it as their proxy address. */
export function releaseNumber(world: World, number: OwnedNumber): void {
  unpoolNumber(world, number);
  world.ownedNumbers.delete(number);
  world.numbers.delete(number.address);
}

function own(world: World, address: string, channel: Channel): OwnedNumber {
  const now = world.clock.now();
  const number: OwnedNumber = {
    sid: world.ids.sid(channelTraits[channel].senderSid),
    seq: world.ownedNumbers.nextSeq(),
    address,
    channel,
    friendlyName: address,
    smsUrl: "",
    dateCreated: now,
    dateUpdated: now,
  };
  world.ownedNumbers.add(number);
  world.numbers.set(address, number);
  return number;
}

/** The first free one of the fictional numbers 555-0100 to 555-0199. */
function nextOfArea(world: World, areaCode: string | undefined): string {
  if (!/^[2-9]\d{2}$/.test(areaCode ?? "")) throw messagingRules.phoneNumberInvalid();
  for (let line = 100; line < 200; line += 1) {
    const address = `+1${areaCode}5550${line}`;
    if (!world.numbers.has(address)) return address;
  }
  throw messagingRules.phoneNumberOwned();
}
