import * as v from "valibot";
import { channels, hasState } from "../channels/channels.ts";
import { excessOf } from "../channels/limits.ts";
import { readAttachment } from "../channels/phone-media.ts";
import { phoneStates } from "../channels/phone-states.ts";
import type { Phones } from "../channels/phones.ts";
import { channelOf } from "../domain/address.ts";
import { addressForms, type Channel, groupTextChannel } from "../domain/channels.ts";
import { temporaryPath } from "../domain/media.ts";
import type { Resources } from "../domain/resources.ts";
import { closed, InputError, listOfEvery, oneOf, optional, text, texts } from "../input.ts";
import type { ControlCall, ControlHandler } from "./call.ts";
import { readBody, readLast } from "./input.ts";

const stateInput = closed({ state: oneOf(phoneStates) });

const isMediaUrl = (url: unknown): boolean =>
  typeof url === "string" && /^(https?:\/\/|data:[^,]{0,300},)/i.test(url) && URL.canParse(url);

const messageInput = closed({
  to: texts,
  body: optional(text),
  media: v.nullish(listOfEvery<string>(isMediaUrl, "must be a list of http, https or data URLs"), []),
  button: optional(text),
});

/** Every phone that has received or sent a message, or whose state was set. */
export const listPhones: ControlHandler = ({ runtime: { phones } }) => {
  const list = phones.addresses().map((address) => describePhone(phones, address));
  return { status: 200, body: { phones: list } };
};

/** The state of a phone, and the numbers of its messages and pending ones. */
export const fetchPhone: ControlHandler = (call) => {
  const { address } = phoneOf(call);
  return { status: 200, body: describePhone(call.runtime.phones, address) };
};

/** Sets the state of a phone. One that is switched on receives the pending messages. */
export const changePhone: ControlHandler = (call) => {
  const { address, channel } = personOf(call);
  const { state } = readBody(call.body, stateInput);
  if (!hasState(channel, state))
    throw new InputError("state", `there is no phone on ${channel} that is ${state}`);
  call.runtime.switchPhone(address, state);
  return fetchPhone(call);
};

/**
 * What a phone shows, oldest first; with `last` in the query, the latest N. Media of the media service come
 * with a link that is valid for 300 seconds.
 */
export const readInbox: ControlHandler = (call) => {
  const { address } = phoneOf(call);
  const { resources, phones } = call.runtime;
  const linkTo = (sidOrUrl: string) => {
    const media = resources.media.get(sidOrUrl);
    return media === undefined ? sidOrUrl : `${call.origin}${temporaryPath(resources, media)}`;
  };
  const latest = phones.inbox(address).slice(-readLast(call.query));
  const messages = latest.map((message) => ({ ...message, media: message.media.map(linkTo) }));
  return { status: 200, body: { address, messages } };
};

/** The person reads everything on the phone; channels with read receipts report it. */
export const readMessages: ControlHandler = (call) => {
  const { address } = phoneOf(call);
  return { status: 200, body: { address, read: call.runtime.readPhone(address) } };
};

/** A person sends a message: text, media or both, or a tap on a button of a message that they have received. */
export const sendFromPhone: ControlHandler = async (call) => {
  const { runtime } = call;
  const { address: from, channel } = personOf(call);
  const { body, media: mediaUrls, button, ...input } = readBody(call.body, messageInput);
  const to = recipientsOf(runtime.resources, input.to, from, channel);
  const [first = ""] = to;
  if (button !== undefined && body !== undefined) throw new InputError("button", "cannot come with a body");
  const choice = button === undefined ? undefined : runtime.phones.choice(from, first, button);
  if (button !== undefined && choice === undefined) {
    throw new InputError("button", `the phone shows no message from ${first} with the button "${button}"`);
  }
  const sizes = mediaUrls.map((url) => readAttachment(url).bytes?.length ?? 0);
  const excess = excessOf(channels[channel].fileLimits.fromPerson, sizes);
  if (excess !== undefined) throw new InputError("media", excess);
  const text = button ?? body ?? "";
  if (text === "" && mediaUrls.length === 0)
    throw new InputError("body", "a message needs a body, media or a button");
  return {
    status: 201,
    body: await runtime.receive({ channel, from, to, body: text, mediaUrls, choice: choice ?? null }),
  };
};

/** One number of the account; or, for a group text, several numbers with at least one of the account's among them. */
function recipientsOf(
  resources: Resources,
  to: readonly string[],
  from: string,
  channel: Channel,
): readonly string[] {
  const other = to.find((address) => channelOf(address) !== channel);
  if (other !== undefined) throw new InputError("to", `${other} is not on the phone's channel, ${channel}`);
  if (!to.some((address) => resources.numbers.has(address)))
    throw new InputError("to", `${to.join(", ")} is not a number of this account`);
  if (to.length > 1 && channel !== groupTextChannel)
    throw new InputError("to", "takes one number: group texts are MMS");
  if (new Set([from, ...to]).size <= to.length)
    throw new InputError("to", "names a number twice, or the phone itself");
  return to;
}

function describePhone(phones: Phones, address: string) {
  const messages = phones.inbox(address).length;
  return { address, state: phones.state(address), messages, waiting: phones.waiting(address) };
}

function phoneOf({ params }: ControlCall) {
  const address = params.get("address") ?? "";
  const channel = channelOf(address);
  if (channel !== undefined) return { address, channel };
  throw new InputError("address", `must be ${addressForms}; percent-encoded`);
}

/** The person's phone; a number of the account is rejected. */
function personOf(call: ControlCall) {
  const phone = phoneOf(call);
  if (!call.runtime.resources.numbers.has(phone.address)) return phone;
  throw new InputError("address", `${phone.address} is a number of this account, not a phone`);
}
