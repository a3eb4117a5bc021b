import { type Resource, TwilioApi } from "../../../infra/account/api.ts";
import { Context } from "../../../infra/account/context.ts";
import { readAccount } from "../../../infra/account/file.ts";
import { plan } from "../../../infra/account/plan.ts";
import type { Check, CheckContext } from "../check.ts";

const MOST_SKEW_MS = 60_000;

/** @throws if the credentials are missing, which the check of the settings reports. */
function apiOf({ api }: CheckContext): TwilioApi {
  if (api === undefined) throw new Error("not checked: the account's credentials are not set");
  return api;
}

export const credentials: Check = {
  name: "credentials",
  description: "Twilio accepts the auth token and the API key, and both belong to this account",
  isOnline: true,
  advice: "Copy them again from the Twilio Console: Account, API keys & tokens",
  async run({ variables }) {
    const { TWILIO_API_KEY_SID: _sid, TWILIO_API_KEY_SECRET: _secret, ...withoutKey } = variables;
    const found: string[] = [];
    const tryOne = async (what: string, given: CheckContext["variables"]) => {
      try {
        const { account_sid } = await new TwilioApi(given).fetch("conversations", "/v1/Configuration");
        if (account_sid !== variables.ACCOUNT_SID)
          found.push(`${what} belongs to the account ${account_sid}`);
      } catch (error) {
        found.push(`${what}: ${error instanceof Error ? error.message : error}`);
      }
    };
    if (variables.AUTH_TOKEN) await tryOne("AUTH_TOKEN", withoutKey);
    if (variables.TWILIO_API_KEY_SID) await tryOne("TWILIO_API_KEY_SID with its secret", variables);
    return found;
  },
};

export const service: Check = {
  name: "service",
  description: "The Conversations service belongs to the account",
  isOnline: true,
  advice: "Set CHAT_SERVICE_SID to one of Console, Conversations, Services",
  async run(context) {
    const sid = context.variables.CHAT_SERVICE_SID;
    if (!sid) return [];
    const found = await apiOf(context).find("conversations", `/v1/Services/${sid}`);
    return found === undefined ? [`The account has no service ${sid}`] : [];
  },
};

export const clock: Check = {
  name: "clock",
  description: "This machine's clock agrees with Twilio's",
  isOnline: true,
  advice: "Set the clock by NTP; otherwise Twilio rejects tokens with its timestamps",
  async run({ variables, api }) {
    const twilio = api?.urlOf("conversations") ?? "https://conversations.twilio.com";
    const url = variables.TWILIO_BASE_URL || twilio;
    const { headers } = await fetch(`${url}/v1/Configuration`, { signal: AbortSignal.timeout(4_000) });
    const date = Date.parse(headers.get("date") ?? "");
    const skew = Number.isNaN(date) ? 0 : Math.abs(Date.now() - date);
    return skew > MOST_SKEW_MS ? [`The clock is ${Math.round(skew / 1_000)} seconds off`] : [];
  },
};

export const numbers: Check = {
  name: "proxy numbers",
  description: "The account owns the proxy numbers, and they support SMS and MMS",
  isOnline: true,
  advice: "Correct PROXY_ADDRESSES in .env, or buy the number: Console, Phone Numbers",
  async run(context) {
    const addresses = (context.variables.PROXY_ADDRESSES ?? "").split(",").map((address) => address.trim());
    const wanted = addresses.filter((address) => /^\+\d+$/.test(address));
    if (wanted.length === 0) return [];
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

export const pushCredentials: Check = {
  name: "push credentials",
  description: "The push credentials in tokens belong to the account",
  isOnline: true,
  advice: "Set the PUSH_CREDENTIAL_SID_… of .env to one of Console, Conversations, Push credentials",
  async run(context) {
    const names = ["PUSH_CREDENTIAL_SID_IOS", "PUSH_CREDENTIAL_SID_ANDROID", "PUSH_CREDENTIAL_SID_WEB"];
    const set = names.filter((name) => context.variables[name]);
    if (set.length === 0) return [];
    const found = await apiOf(context).list("conversations", "/v1/Credentials?PageSize=50", "credentials");
    return set
      .filter((name) => !found.some(({ sid }) => sid === context.variables[name]))
      .map((name) => `${name}: the account has no push credential ${context.variables[name]}`);
  },
};

export const addresses: Check = {
  name: "addresses",
  description: "Address configurations create conversations in existing services",
  isOnline: true,
  advice: "npm run account -- apply, or delete the address configuration in the Console",
  async run(context) {
    const api = apiOf(context);
    const [found, services] = await Promise.all([
      api.list("conversations", "/v1/Configuration/Addresses?PageSize=50", "address_configurations"),
      api.list("conversations", "/v1/Services?PageSize=100", "services"),
    ]);
    return found.flatMap(({ address, auto_creation }) => {
      const sid = (auto_creation as Resource | null)?.conversation_service_sid;
      if (!sid || services.some((one) => one.sid === sid)) return [];
      return [`${address} creates conversations in the service ${sid}, which does not exist`];
    });
  },
};

export const drift: Check = {
  name: "account drift",
  description: "The account matches infra/account/account.json",
  isOnline: true,
  advice: "Show the differences: npm run account -- plan. Apply the file: npm run account -- apply",
  async run(context) {
    const api = apiOf(context);
    const { account } = readAccount(context.accountFile, context.variables, undefined);
    const options = { variables: context.variables, prune: false, resendSecrets: false };
    const { changes, warnings } = await plan(account, () => new Context(api, options));
    const differing = changes.map(({ subject }) => subject).join(", ");
    return [...(changes.length === 0 ? [] : [`${changes.length} differ: ${differing}`]), ...warnings];
  },
};
