import * as v from "valibot";
import type { OwnedNumber } from "../domain/account-model.ts";
import { addressForms } from "../domain/channels.ts";
import { addNumber, updateNumber } from "../domain/numbers.ts";
import { checkUrl } from "../domain/webhooks.ts";
import { closed, flag, InputError, text } from "../input.ts";
import type { ControlHandler } from "./call.ts";
import { ControlError, readBody } from "./input.ts";

const numberInput = closed({ address: text, smsUrl: v.optional(v.string("must be text")) });
const autoCreationInput = closed({ autoCreation: flag });

/** The numbers and senders of the account. */
export const listNumbers: ControlHandler = ({ runtime }) => ({
  status: 200,
  body: { numbers: [...runtime.resources.numbers.values()].map(describe) },
});

/** Adds a number or sender to the account, or changes the messaging webhook of one; an empty URL removes it. */
export const createNumber: ControlHandler = ({ runtime, body }) => {
  const { address, smsUrl } = readBody(body, numberInput);
  if (smsUrl) checkUrl(smsUrl);
  const number = addNumber(runtime.resources, address);
  if (number === undefined) throw new InputError("address", `must be ${addressForms}`);
  if (smsUrl !== undefined) updateNumber(runtime.resources, number, { friendlyName: undefined, smsUrl });
  runtime.changes.note("account");
  return { status: 201, body: describe(number) };
};

/** Sets "Autocreate a Conversation" of a messaging service, which only Twilio's Console has. */
export const switchAutocreation: ControlHandler = ({ runtime, params, body }) => {
  const service = runtime.resources.messagingServices.get(params.get("sid") ?? "");
  if (service === undefined)
    throw new ControlError(404, `There is no messaging service ${params.get("sid")}`);
  service.autoCreates = readBody(body, autoCreationInput).autoCreation;
  return { status: 200, body: { sid: service.sid, autoCreation: service.autoCreates } };
};

function describe({ sid, address, channel, smsUrl }: OwnedNumber) {
  return { sid, address, channel, smsUrl };
}
