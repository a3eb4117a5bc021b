import type { OwnedNumber } from "../domain/account-model.ts";
import { channelTraits, isChannel } from "../domain/channels.ts";
import { requestRules } from "../domain/rules/request.ts";
import { listResponse } from "../http/list.ts";
import { type Call, type Handler, notFound, param } from "./call.ts";

/*
 * The account's WhatsApp and RCS senders, which are always online. Twilio's sandbox is a sender of no account.
 */

const SANDBOX = "whatsapp:+14155238886";

const isSender = ({ channel, address }: OwnedNumber): boolean =>
  channelTraits[channel].sendersPerPage !== undefined && address !== SANDBOX;

/** GET /Channels/Senders, by `Channel`: whatsapp or rcs */
export const list: Handler = (call) => {
  const channel = call.query.get("Channel") ?? "";
  const perPage = isChannel(channel) ? channelTraits[channel].sendersPerPage : undefined;
  if (perPage === undefined) throw requestRules.invalidParameter("Channel");
  return listResponse(`${call.base}/Channels/Senders`, call.query, {
    key: "senders",
    members: call.resources.ownedNumbers,
    sidPrefix: "XE",
    defaultSize: perPage,
    maxSize: 1000,
    filters: [["Channel", channel]],
    keep: (number) => number.channel === channel && isSender(number),
    present: (number) => present(call, number),
  });
};

/** GET /Channels/Senders/{Sid} */
export const fetch: Handler = (call) => {
  const sender = call.resources.ownedNumbers.get(param(call, "Sid"));
  if (sender === undefined || !isSender(sender)) throw notFound(call);
  return { status: 200, body: present(call, sender) };
};

function present(call: Call, { sid, address, smsUrl }: OwnedNumber) {
  return {
    sid,
    status: "ONLINE",
    sender_id: address,
    configuration: null,
    webhook: {
      callback_url: smsUrl || null,
      callback_method: "POST",
      fallback_url: null,
      fallback_method: "POST",
      status_callback_url: null,
      status_callback_method: "POST",
    },
    profile: null,
    properties: null,
    offline_reasons: null,
    compliance: null,
    url: `${call.base}/Channels/Senders/${sid}`,
  };
}
