import type { Channel } from "../domain/model.ts";
import { type Refusal, refusals } from "./refusals.ts";

/** What a phone may be like for those who write to it. */
export const phoneStates = ["on", "off", "unreachable", "unknown", "landline", "blocked"] as const;
export type PhoneState = (typeof phoneStates)[number];

/** Whether a channel has phones in that state: only those who text can reach a landline. */
export function hasState(channel: Channel, state: PhoneState): boolean {
  return state === "on" || state === "off" || outcomes[channel][state] !== undefined;
}

/** Why a channel does not deliver to a phone in a state; undefined when it does, now or later. */
export function phoneRefusal(channel: Channel, state: PhoneState): Refusal | undefined {
  return state === "on" || state === "off" ? undefined : outcomes[channel][state];
}

/** Whether a channel leaves a message undelivered while the phone is off ("Delivery Receipts in Conversations"). */
export function waitsForPhone(channel: Channel): boolean {
  return channel !== "sms";
}

type Unreached = Readonly<Partial<Record<Exclude<PhoneState, "on" | "off">, Refusal>>>;

const outcomes: Readonly<Record<Channel, Unreached>> = {
  sms: {
    unreachable: refusals.unreachableHandset,
    unknown: refusals.unknownHandset,
    landline: refusals.landline,
    blocked: refusals.blockedByCarrier,
  },
  whatsapp: {
    unreachable: refusals.invalidOnWhatsApp,
    unknown: refusals.invalidOnWhatsApp,
    blocked: refusals.blockedByUser,
  },
  rcs: {
    unreachable: refusals.unreachableByRcs,
    unknown: refusals.unreachableByRcs,
    blocked: refusals.blockedByUser,
  },
  messenger: {
    unreachable: refusals.inactiveOnMessenger,
    unknown: refusals.inactiveOnMessenger,
    blocked: refusals.blockedByUser,
  },
};
