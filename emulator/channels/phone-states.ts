import type { Channel } from "../domain/model.ts";

/** What a phone may be like for those who write to it. */
export const phoneStates = ["on", "off", "unreachable", "unknown", "landline", "blocked"] as const;
export type PhoneState = (typeof phoneStates)[number];

/**
 * Why a channel does not deliver to a phone in a state, as an error code: 0 when it does, undefined when the channel
 * has no such phones.
 *
 * The codes are the error dictionary's for what happened: 30003 unreachable, 30005 unknown and 30004 blocked handset,
 * 30006 landline; 63024 invalid recipient on WhatsApp, 63036 not reachable by RCS, 63003 inactive on another channel,
 * 63014 blocked by the user. Which of WhatsApp's and Messenger's stands for a phone that cannot be reached is assumed.
 */
export function phoneRefusal(state: PhoneState, channel: Channel): number | undefined {
  return refusals[channel][state];
}

/** Whether a channel leaves a message undelivered while the phone is off. */
export function waitsForPhone(channel: Channel): boolean {
  return channel !== "sms";
}

/** A phone that is off gets its messages later ("Delivery Receipts in Conversations"). */
const patient = { on: 0, off: 0 } as const;

const refusals: Readonly<Record<Channel, Readonly<Partial<Record<PhoneState, number>>>>> = {
  sms: { ...patient, unreachable: 30003, unknown: 30005, landline: 30006, blocked: 30004 },
  whatsapp: { ...patient, unreachable: 63024, unknown: 63024, blocked: 63014 },
  rcs: { ...patient, unreachable: 63036, unknown: 63036, blocked: 63014 },
  messenger: { ...patient, unreachable: 63003, unknown: 63003, blocked: 63014 },
};
