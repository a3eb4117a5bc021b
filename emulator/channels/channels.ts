import type { ChannelMessagePrefix } from "../domain/account-model.ts";
import type { Channel } from "../domain/channels.ts";
import type { Resources } from "../domain/resources.ts";
import type { Sid } from "../sid.ts";
import type { MessagingChannel } from "./channel.ts";
import type { DeliveryError } from "./delivery-errors.ts";
import { messenger } from "./messenger.ts";
import type { PhoneState } from "./phone-states.ts";
import { rcs } from "./rcs.ts";
import { sms } from "./sms.ts";
import { whatsapp } from "./whatsapp.ts";

/** How each channel delivers messages. */
export const channels: Readonly<Record<Channel, MessagingChannel>> = { sms, whatsapp, messenger, rcs };

/** Makes the SID of a channel's message. */
export function messageSid(
  { ids }: Resources,
  channel: Channel,
  kind: "text" | "media",
): Sid<ChannelMessagePrefix> {
  return ids.sid(channels[channel].messageSid[kind]);
}

/** The error of a delivery to a phone in a state; undefined when it is delivered, now or once the phone is on. */
export function phoneError(channel: Channel, state: PhoneState): DeliveryError | undefined {
  return state === "on" || state === "off" ? undefined : channels[channel].phoneErrors[state];
}

/** Whether phones on a channel can be in a state: only SMS reaches landlines. */
export function hasState(channel: Channel, state: PhoneState): boolean {
  return state === "on" || state === "off" || phoneError(channel, state) !== undefined;
}
