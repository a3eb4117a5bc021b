import { placeholdersOf } from "../../../core/twilio/template-checks.ts";
import type { Resource, TwilioApi } from "../../../infra/account/api.ts";
import { needsCampaign } from "../../../infra/account/kinds/pools.ts";
import { apiOf, type Check, NotChecked, proxyAddressesOf } from "../check.ts";

export const numbers: Check = {
  name: "proxy numbers",
  description: "The account owns the phone numbers of PROXY_ADDRESSES, and they support SMS and MMS",
  isOnline: true,
  advice: "Correct PROXY_ADDRESSES in .env, or buy the number: Console, Phone Numbers",
  async run(context) {
    const wanted = proxyAddressesOf(context).filter((address) => address.startsWith("+"));
    if (wanted.length === 0) throw new NotChecked("PROXY_ADDRESSES has no phone number");
    const api = apiOf(context);
    const path = `/2010-04-01/Accounts/${api.accountSid}/IncomingPhoneNumbers.json?PageSize=1000`;
    const owned = await api.list("api", path, "incoming_phone_numbers");
    return wanted.flatMap((address) => {
      const number = owned.find(({ phone_number }) => phone_number === address);
      if (number === undefined) return [`The account does not own ${address}`];
      const capabilities = number.capabilities as Resource;
      return ["sms", "mms"].flatMap((kind) => {
        const able = capabilities[kind] === true || capabilities[kind.toUpperCase()] === true;
        return able ? [] : [`${address} does not support ${kind.toUpperCase()}`];
      });
    });
  },
};

/** Twilio's WhatsApp sandbox, which is a sender of no account. */
const SANDBOX = "whatsapp:+14155238886";
const SENDER_CHANNELS = ["whatsapp", "rcs"];

export const senders: Check = {
  name: "senders",
  description: "The WhatsApp and RCS addresses of the settings are senders of the account, and online",
  isOnline: true,
  advice: "Correct PROXY_ADDRESSES and WHATSAPP_PROXY_ADDRESS, or see Console, Messaging, Senders",
  async run(context) {
    const addresses = proxyAddressesOf(context);
    const isOf = (channel: string) => (address: string) => address.startsWith(`${channel}:`);
    const wanted = addresses.filter((address) => SENDER_CHANNELS.some((one) => isOf(one)(address)));
    if (wanted.length === 0)
      throw new NotChecked("WHATSAPP_PROXY_ADDRESS and PROXY_ADDRESSES have no WhatsApp or RCS address");
    const channels = SENDER_CHANNELS.filter((channel) => wanted.some(isOf(channel)));
    const api = apiOf(context);
    const lists = await Promise.all(
      channels.map((channel) =>
        api.list("messaging", `/v2/Channels/Senders?Channel=${channel}&PageSize=100`, "senders"),
      ),
    );
    const found = lists.flat();
    return wanted
      .filter((address) => address !== SANDBOX)
      .flatMap((address) => {
        const sender = found.find(({ sender_id }) => sender_id === address);
        if (sender === undefined) return [`The account has no sender ${address}`];
        return String(sender.status).startsWith("ONLINE") ? [] : [offline(address, sender)];
      });
  },
};

function offline(address: string, { status, offline_reasons: reasons }: Resource): string {
  const all = Array.isArray(reasons) ? reasons.map(({ message }: Resource) => String(message)) : [];
  return `${[`${address} has the status ${status}`, ...all].join(": ")}`;
}

/** Approval states in which WhatsApp does not accept a template. */
const UNUSABLE = ["received", "pending", "rejected", "paused", "disabled"];

export const templates: Check = {
  name: "templates",
  description: "WhatsApp has approved the content templates that were submitted",
  isOnline: true,
  advice: "See Console, Messaging, Content Template Builder; a rejected template needs a new name",
  async run(context) {
    const onWhatsApp = proxyAddressesOf(context).some((address) => address.startsWith("whatsapp:"));
    if (!onWhatsApp) throw new NotChecked("no WhatsApp address is set");
    const all = await apiOf(context).list("content", "/v1/ContentAndApprovals?PageSize=500", "contents");
    return all.flatMap((template) => {
      const { status, rejection_reason: reason } = (template.approval_requests ?? {}) as Resource;
      const name = `The template ${template.friendly_name} (${template.language}, ${template.sid})`;
      const because = reason ? `: ${reason}` : "";
      if (!UNUSABLE.includes(String(status))) return [];
      const missing = withoutSample(template);
      const samples = missing.length > 0 ? `. It has no sample value for ${missing.join(", ")}` : "";
      return [`${name} is ${status}${because}${samples}`];
    });
  },
};

/** Variables without a sample value, for which WhatsApp rejects a template. */
function withoutSample({ types, variables }: Resource): string[] {
  const samples = new Map(Object.entries((variables ?? {}) as Resource));
  return placeholdersOf(types as Resource)
    .filter((name) => !samples.get(name))
    .map((name) => `{{${name}}}`);
}

export const campaigns: Check = {
  name: "A2P 10DLC",
  description:
    "US numbers of PROXY_ADDRESSES are registered: in a messaging service with a verified campaign",
  isOnline: true,
  advice:
    "Register a campaign: Console, Messaging, Regulatory Compliance. Add the number to its messaging service: infra/account/account.json, messagingServices",
  async run(context) {
    const concerned = proxyAddressesOf(context).filter(needsCampaign);
    if (concerned.length === 0) throw new NotChecked("PROXY_ADDRESSES has no US long code");
    const api = apiOf(context);
    const services = await api.list("messaging", "/v1/Services?PageSize=100", "services");
    const pools = await Promise.all(
      services.map(async (service) => {
        const path = `/v1/Services/${service.sid}/PhoneNumbers?PageSize=100`;
        return { service, numbers: await api.list("messaging", path, "phone_numbers") };
      }),
    );
    const findings = concerned.map(async (address) => {
      const pool = pools.find(({ numbers }) => numbers.some(({ phone_number }) => phone_number === address));
      if (pool === undefined)
        return [`${address} is in no messaging service, so US carriers block its messages (error 30034)`];
      const { sid, friendly_name, us_app_to_person_registered: isRegistered } = pool.service;
      if (isRegistered === true) return [];
      const state = await campaignState(api, String(sid));
      return [`${address}: the messaging service ${friendly_name} has ${state} (error 30034)`];
    });
    return (await Promise.all(findings)).flat();
  },
};

async function campaignState(api: TwilioApi, serviceSid: string): Promise<string> {
  const path = `/v1/Services/${serviceSid}/Compliance/Usa2p`;
  const [campaign] = await api.list("messaging", path, "compliance");
  return campaign === undefined ? "no campaign" : `a campaign with the status ${campaign.campaign_status}`;
}
