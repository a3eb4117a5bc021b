import { Rejected, type Resource, TwilioApi } from "../../../infra/account/api.ts";
import { Context } from "../../../infra/account/context.ts";
import { readAccount } from "../../../infra/account/file.ts";
import { plan } from "../../../infra/account/plan.ts";
import { apiOf, type Check, type CheckContext, NotChecked, settingOf } from "../check.ts";

const MOST_SKEW_MS = 60_000;
/** What Twilio answers to wrong credentials, and to those without permission. */
const REFUSED = [401, 403];

export const credentials: Check = {
  name: "credentials",
  description: "Twilio accepts the auth token and the API key, and both belong to this account",
  isOnline: true,
  advice: "Copy them again from the Twilio Console: Account, API keys & tokens",
  async run({ variables }) {
    const { TWILIO_API_KEY_SID: key, TWILIO_API_KEY_SECRET: _secret, ...withoutKey } = variables;
    const found: string[] = [];
    const tryOne = async (what: string, given: CheckContext["variables"]) => {
      try {
        const { account_sid } = await new TwilioApi(given).fetch("conversations", "/v1/Configuration");
        if (account_sid !== variables.ACCOUNT_SID)
          found.push(`${what} belongs to the account ${account_sid}`);
      } catch (error) {
        if (!(error instanceof Rejected && REFUSED.includes(error.status))) throw error;
        found.push(`${what}: ${error.message}`);
      }
    };
    if (!variables.AUTH_TOKEN && !key)
      throw new NotChecked("neither AUTH_TOKEN nor TWILIO_API_KEY_SID is set");
    if (variables.AUTH_TOKEN) await tryOne("AUTH_TOKEN", withoutKey);
    if (key) await tryOne("TWILIO_API_KEY_SID with its secret", variables);
    return found;
  },
};

export const service: Check = {
  name: "service",
  description: "The Conversations service belongs to the account",
  isOnline: true,
  advice: "Set CHAT_SERVICE_SID to one of Console, Conversations, Services",
  async run(context) {
    const sid = settingOf(context, "CHAT_SERVICE_SID");
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
    const url = `${variables.TWILIO_BASE_URL || twilio}/v1/Configuration`;
    const { headers } = await fetch(url, { signal: AbortSignal.timeout(4_000) }).catch((cause: unknown) => {
      throw new Error(`${url} cannot be reached`, { cause });
    });
    const date = Date.parse(headers.get("date") ?? "");
    if (Number.isNaN(date)) throw new Error(`${url} answered without a Date`);
    const skew = Math.abs(Date.now() - date);
    return skew > MOST_SKEW_MS ? [`The clock is ${Math.round(skew / 1_000)} seconds off`] : [];
  },
};

export const pushCredentials: Check = {
  name: "push credentials",
  description: "The push credentials in tokens belong to the account, each of the type of its platform",
  isOnline: true,
  advice: "Set the PUSH_CREDENTIAL_SID_… of .env to one of Console, Conversations, Push credentials",
  async run(context) {
    const { variables } = context;
    const set = Object.entries(PUSH_TYPES).filter(([name]) => variables[name]);
    if (set.length === 0) throw new NotChecked("no PUSH_CREDENTIAL_SID_… is set");
    const found = await apiOf(context).list("conversations", "/v1/Credentials?PageSize=50", "credentials");
    return set.flatMap(([name, types]) => {
      const sid = variables[name];
      const credential = found.find((one) => one.sid === sid);
      if (credential === undefined) return [`${name}: the account has no push credential ${sid}`];
      const type = String(credential.type);
      return types.includes(type) ? [] : [`${name}: ${sid} has the type ${type}, not ${types.join(" or ")}`];
    });
  },
};

const PUSH_TYPES: Readonly<Record<string, readonly string[]>> = {
  PUSH_CREDENTIAL_SID_IOS: ["apn"],
  PUSH_CREDENTIAL_SID_ANDROID: ["fcm", "gcm"],
  PUSH_CREDENTIAL_SID_WEB: ["fcm"],
};

export const addresses: Check = {
  name: "addresses",
  description: "Address configurations create conversations in existing services and start existing flows",
  isOnline: true,
  advice: "npm run account -- apply, or delete the address configuration in the Console",
  async run(context) {
    const api = apiOf(context);
    const [found, services] = await Promise.all([
      api.list("conversations", "/v1/Configuration/Addresses?PageSize=50", "address_configurations"),
      api.list("conversations", "/v1/Services?PageSize=100", "services"),
    ]);
    const findings = await Promise.all(
      found.map(async ({ address, auto_creation }) => {
        const { conversation_service_sid: sid, studio_flow_sid: flow } = (auto_creation ?? {}) as Resource;
        const lost = !sid || services.some((one) => one.sid === sid) ? undefined : `the service ${sid}`;
        const lostFlow =
          !flow || (await api.find("studio", `/v2/Flows/${flow}`)) ? undefined : `the flow ${flow}`;
        return [
          ...(lost ? [`${address} creates conversations in ${lost}, which does not exist`] : []),
          ...(lostFlow ? [`${address} starts ${lostFlow}, which does not exist`] : []),
        ];
      }),
    );
    return findings.flat();
  },
};

export const drift: Check = {
  name: "account drift",
  description: "The account matches infra/account/account.json",
  isOnline: true,
  advice: "Show the differences: npm run account -- plan. Apply the file: npm run account -- apply",
  async run(context) {
    const api = apiOf(context);
    for (const name of ["CHAT_SERVICE_SID", "PUBLIC_BASE_URL"]) settingOf(context, name);
    const { account } = readAccount(context.accountFile, context.variables, undefined);
    const options = { variables: context.variables, prune: false, resendSecrets: false };
    const { changes, warnings } = await plan(account, () => new Context(api, options));
    const differing = changes.map(({ subject }) => subject).join(", ");
    return [...(changes.length === 0 ? [] : [`${changes.length} differ: ${differing}`]), ...warnings];
  },
};
