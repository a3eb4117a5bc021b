import type { OwnedNumber } from "../domain/account-model.ts";
import { NotEmulatedError } from "../domain/errors.ts";
import { isPhoneNumber } from "../domain/messaging-services.ts";
import { buyNumber, releaseNumber, updateNumber } from "../domain/numbers.ts";
import { type Call, type Handler, notFound, param } from "./call.ts";
import { checkAccount, checkUnsupported, listPage, rfc2822, withoutJson } from "./legacy.ts";

/*
 * The account's phone numbers, api.twilio.com/2010-04-01. Senders of other channels than
 * SMS are not phone numbers and are not listed.
 */

/** POST /Accounts/{AccountSid}/IncomingPhoneNumbers.json, by `PhoneNumber` or `AreaCode` */
export const create: Handler = (call) => {
  checkAccount(call);
  const { form } = call;
  const number = buyNumber(call.resources, {
    ...input(call),
    phoneNumber: form.get("PhoneNumber"),
    areaCode: form.get("AreaCode"),
  });
  return { status: 201, body: present(call, number) };
};

/** GET /Accounts/{AccountSid}/IncomingPhoneNumbers/{Sid}.json */
export const fetch: Handler = (call) => ({ status: 200, body: present(call, numberOf(call)) });

/** POST /Accounts/{AccountSid}/IncomingPhoneNumbers/{Sid}.json */
export const update: Handler = (call) => {
  const number = numberOf(call);
  updateNumber(call.resources, number, input(call));
  return { status: 200, body: present(call, number) };
};

/** DELETE /Accounts/{AccountSid}/IncomingPhoneNumbers/{Sid}.json */
export const remove: Handler = (call) => {
  releaseNumber(call.resources, numberOf(call));
  return { status: 204 };
};

/** GET /Accounts/{AccountSid}/IncomingPhoneNumbers.json, optionally by `FriendlyName`, or those that contain `PhoneNumber` */
export const list: Handler = (call) => {
  checkAccount(call);
  const part = call.query.get("PhoneNumber") || undefined;
  const name = call.query.get("FriendlyName") || undefined;
  return listPage(`${collectionOf(call)}.json`, call, {
    key: "incoming_phone_numbers",
    members: call.resources.ownedNumbers,
    sidPrefix: "PN",
    defaultSize: 50,
    maxSize: 1000,
    filters: Object.entries({ PhoneNumber: part, FriendlyName: name }).flatMap(
      ([parameter, value]): [string, string][] => (value === undefined ? [] : [[parameter, value]]),
    ),
    keep: (number) =>
      isPhoneNumber(number) &&
      (part === undefined || number.address.includes(part)) &&
      (name === undefined || number.friendlyName === name),
    present: (number) => present(call, number),
  });
};

function numberOf(call: Call): OwnedNumber {
  checkAccount(call);
  const number = call.resources.ownedNumbers.get(withoutJson(param(call, "Sid")));
  if (number === undefined || !isPhoneNumber(number)) throw notFound(call);
  return number;
}

function input({ form }: Call) {
  checkUnsupported(form, ["SmsApplicationSid"], "IncomingPhoneNumbers");
  if (form.get("SmsMethod")?.toUpperCase() === "GET")
    throw new NotEmulatedError("IncomingPhoneNumbers with the SmsMethod GET");
  return { friendlyName: form.get("FriendlyName"), smsUrl: form.get("SmsUrl") };
}

function collectionOf(call: Call): string {
  return `/2010-04-01/Accounts/${call.resources.account.sid}/IncomingPhoneNumbers`;
}

function present(call: Call, number: OwnedNumber): unknown {
  return {
    sid: number.sid,
    account_sid: call.resources.account.sid,
    friendly_name: number.friendlyName,
    phone_number: number.address,
    capabilities: { voice: true, sms: true, mms: true, fax: false },
    date_created: rfc2822(number.dateCreated),
    date_updated: rfc2822(number.dateUpdated),
    sms_url: number.smsUrl,
    sms_method: "POST",
    api_version: "2010-04-01",
    beta: false,
    origin: "twilio",
    status: "in-use",
    uri: `${collectionOf(call)}/${number.sid}.json`,
  };
}
