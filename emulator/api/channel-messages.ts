import type { ChannelMessage } from "../domain/account-model.ts";
import { textingRules } from "../domain/rules/texting.ts";
import type { Call, Handler } from "./call.ts";
import { dateFilter } from "./date-filter.ts";
import { checkAccount, checkUnsupported, listPage, rfc2822 } from "./legacy.ts";
import { messageOf } from "./message-media.ts";

/*
 * Messages of Programmable Messaging, api.twilio.com/2010-04-01: those that numbers received, and
 * those sent outside of conversations.
 */

/** POST /Accounts/{AccountSid}/Messages.json */
export const create: Handler = (call) => {
  checkAccount(call);
  const { form } = call;
  checkUnsupported(form, ["SendAt", "ScheduleType", "ApplicationSid"], "Messages");
  const message = call.sendMessage({
    to: form.get("To"),
    from: form.get("From"),
    messagingServiceSid: form.get("MessagingServiceSid"),
    body: form.get("Body"),
    mediaUrls: form.all("MediaUrl"),
    contentSid: form.get("ContentSid"),
    contentVariables: form.get("ContentVariables"),
    statusCallback: form.get("StatusCallback"),
  });
  return { status: 201, body: present(call, message) };
};

/** GET /Accounts/{AccountSid}/Messages/{Sid}.json */
export const fetch: Handler = (call) => ({ status: 200, body: present(call, messageOf(call, "Sid")) });

/** POST /Accounts/{AccountSid}/Messages/{Sid}.json: an empty `Body` redacts the text */
export const update: Handler = (call) => {
  const message = messageOf(call, "Sid");
  if (call.form.get("Body") !== "") throw textingRules.bodyNotRedactable();
  message.body = "";
  message.dateUpdated = call.resources.clock.now();
  return { status: 200, body: present(call, message) };
};

/** DELETE /Accounts/{AccountSid}/Messages/{Sid}.json */
export const remove: Handler = (call) => {
  call.resources.channelMessages.delete(messageOf(call, "Sid"));
  return { status: 204 };
};

/** GET /Accounts/{AccountSid}/Messages.json, latest first, by `To`, `From` and `DateSent` */
export const list: Handler = (call) => {
  checkAccount(call);
  const { query, resources } = call;
  const [to, from] = [query.get("To") || undefined, query.get("From") || undefined];
  const dates = dateFilter(query, { on: "DateSent", from: "DateSent>", to: "DateSent<" });
  const filters = Object.entries({ To: to, From: from }).flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[name, value]],
  );
  return listPage(`/2010-04-01/Accounts/${resources.account.sid}/Messages.json`, call, {
    key: "messages",
    members: resources.channelMessages,
    sidPrefix: "SM",
    defaultSize: 50,
    maxSize: 1000,
    descending: true,
    filters: [...filters, ...dates.given.map(([name, value]) => [encodeURIComponent(name), value] as const)],
    keep: (message) =>
      (to === undefined || message.to === to) &&
      (from === undefined || message.from === from) &&
      (dates.given.length === 0 || (!isUnsent(message) && dates.includes(message.dateCreated))),
    present: (message) => present(call, message),
  });
};

function isUnsent({ status }: ChannelMessage): boolean {
  return status === "accepted" || status === "queued";
}

function present({ resources: { account } }: Call, message: ChannelMessage): unknown {
  const { sid, body, media, errorCode, dateCreated, dateUpdated } = message;
  const uri = `/2010-04-01/Accounts/${account.sid}/Messages/${sid}`;
  return {
    sid,
    account_sid: account.sid,
    messaging_service_sid: message.messagingServiceSid,
    direction: message.direction,
    from: message.from,
    to: message.to,
    body,
    status: message.status,
    // OpenAPI: 0 while no sender is chosen.
    num_segments: message.status === "accepted" ? "0" : "1",
    num_media: String(media.length),
    error_code: errorCode || null,
    error_message: null,
    price: null,
    price_unit: "USD",
    api_version: "2010-04-01",
    date_created: rfc2822(dateCreated),
    // It is sent at the moment of its creation by the emulator's clock.
    date_sent: isUnsent(message) ? null : rfc2822(dateCreated),
    date_updated: rfc2822(dateUpdated),
    uri: `${uri}.json`,
    subresource_uris: { media: `${uri}/Media.json` },
  };
}
