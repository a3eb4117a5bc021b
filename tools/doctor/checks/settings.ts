import { readFileSync } from "node:fs";
import type { Variables } from "../../../infra/account/file.ts";
import { endpoints, handlerOf, variableNames } from "../../../infra/endpoints.ts";
import { similarTo } from "../../../infra/settings/similar.ts";
import { deploymentProblems } from "../../../infra/settings/texts.ts";
import { parametersOf } from "../../../infra/template/parameters.ts";
import { templateFile } from "../../../infra/template/template.ts";
import limits from "../../deploy/limits.json" with { type: "json" };
import type { Check } from "../check.ts";

const BASE = ["ACCOUNT_SID", "AUTH_TOKEN", "TWILIO_API_KEY_SID", "TWILIO_API_KEY_SECRET", "CHAT_SERVICE_SID"];
/** Variables of Twilio's tools and of the doctor, which no endpoint reads. */
const OTHERS = ["PUBLIC_BASE_URL", "TWILIO_BASE_URL", "ACCOUNT_SID", "AUTH_TOKEN"];
/** Names of the same settings in Twilio's own tools, examples and helper libraries. */
const RENAMED: ReadonlyMap<string, string> = new Map([
  ["TWILIO_ACCOUNT_SID", "ACCOUNT_SID"],
  ["TWILIO_AUTH_TOKEN", "AUTH_TOKEN"],
  ["TWILIO_API_KEY", "TWILIO_API_KEY_SID"],
  ["TWILIO_API_SECRET", "TWILIO_API_KEY_SECRET"],
  ["API_KEY", "TWILIO_API_KEY_SID"],
  ["API_SECRET", "TWILIO_API_KEY_SECRET"],
  ["SERVICE_SID", "CHAT_SERVICE_SID"],
  ["CONVERSATIONS_SERVICE_SID", "CHAT_SERVICE_SID"],
  ["TWILIO_CONVERSATIONS_SERVICE_SID", "CHAT_SERVICE_SID"],
  ["TWILIO_CHAT_SERVICE_SID", "CHAT_SERVICE_SID"],
  ["TWILIO_CONVERSATION_SERVICE_SID", "CHAT_SERVICE_SID"],
  ["TWILIO_PHONE_NUMBER", "PROXY_ADDRESSES"],
  ["BASE_URL", "PUBLIC_BASE_URL"],
]);
const isSet = (value: string | undefined) => value !== undefined && value !== "";

/** Reads every endpoint's settings as at cold start. */
export const settings: Check = {
  name: "settings",
  description: "Every configured endpoint has all its settings, and they are valid",
  isOnline: false,
  advice:
    "Set them in .env, or in settings.json those that are no secrets; .env.example describes each. Then deploy again: npm run deploy:twilio or deploy:aws",
  async run({ variables }) {
    const byProblem = new Map<string, string[]>(
      deploymentProblems(variables).map((problem) => [problem, ["the build"]]),
    );
    const all = await Promise.all(
      endpoints().map(async (endpoint) => ({ endpoint, handler: await handlerOf(endpoint) })),
    );
    const isShared = (name: string) =>
      all.filter(({ handler }) => handler.variables.includes(name)).length > all.length / 2;
    for (const { endpoint, handler } of all) {
      const own = handler.variables.filter((name) => !OTHERS.includes(name) && !isShared(name));
      try {
        handler.open(variables, () => {}, endpoint.name);
      } catch (error) {
        const message = String(error instanceof Error ? error.message : error);
        for (const problem of message.replace(/^Environment: |\.$/g, "").split("; ")) {
          if (isSwitchedOff(problem, own, variables)) continue;
          byProblem.set(problem, [...(byProblem.get(problem) ?? []), endpoint.name]);
        }
      }
    }
    return [...byProblem].map(([problem, names]) => `${problem} (${summaryOf(names)})`);
  },
};

const MOST_NAMES = 3;

const summaryOf = (names: readonly string[]): string =>
  names.length > MOST_NAMES ? `${names.length} endpoints, such as ${names[0]}` : names.join(", ");

/** An endpoint counts as unused when the settings that few others read are unset; then only common settings are checked. */
function isSwitchedOff(problem: string, own: readonly string[], variables: Variables): boolean {
  return !BASE.some((name) => problem.includes(name)) && !own.some((name) => isSet(variables[name]));
}

/** The build rejects them, too. */
export const settingsFiles: Check = {
  name: "settings files",
  description: "settings.json and every settings.<environment>.json have valid settings, and no secrets",
  isOnline: false,
  advice: "Correct the file; docs/settings.md describes it",
  run: async ({ problems }) => [...problems],
};

/** A name that nothing reads is usually a typing error. */
export const unknownSettings: Check = {
  name: "unknown settings",
  description: "Every name in .env is read by an endpoint, or a parameter of the AWS template",
  isOnline: false,
  advice: "Correct the name in .env, or remove the line",
  async run({ named }) {
    const parameters = parametersOf(readFileSync(templateFile, "utf8")).map(({ variable }) => variable);
    const known = new Set([...OTHERS, ...parameters, ...(await variableNames())]);
    return named
      .filter((name) => !known.has(name))
      .map((name) => {
        const renamed = RENAMED.get(name);
        if (renamed !== undefined) return `${name} is read by no endpoint; its name here is ${renamed}`;
        const meant = similarTo(name, known);
        return `${name} is read by no endpoint${meant === undefined ? "" : `; did you mean ${meant}?`}`;
      });
  },
};

export const contradictions: Check = {
  name: "contradictions",
  description: "No settings contradict each other",
  isOnline: false,
  advice: "Correct .env",
  async run({ variables }) {
    const { TWILIO_API_KEY_SID: key, TWILIO_API_KEY_SECRET: keySecret, PUBLIC_BASE_URL: url } = variables;
    const found: string[] = [];
    if (isSet(key) !== isSet(keySecret))
      found.push("TWILIO_API_KEY_SID and TWILIO_API_KEY_SECRET must be set together");
    if (isSet(variables.JWT_SECRET) && isSet(variables.JWT_JWKS_URL))
      found.push("JWT_SECRET and JWT_JWKS_URL are both set; only one of them verifies callers' tokens");
    if (isSet(url) && !/^https:\/\//.test(url ?? "") && !isSet(variables.TWILIO_BASE_URL))
      found.push("PUBLIC_BASE_URL does not begin with https://, so Twilio's requests are not encrypted");
    if (isSet(url) && url?.includes("twil.io") && isSet(variables.TWILIO_BASE_URL))
      found.push("TWILIO_BASE_URL sends the deployment at twil.io to an emulator instead of to Twilio");
    return found;
  },
};

/** Settings that have an effect only beside one of others. */
const NEEDS: Readonly<Record<string, readonly string[]>> = {
  JWT_ISSUER: ["JWT_JWKS_URL", "JWT_SECRET"],
  JWT_AUDIENCE: ["JWT_JWKS_URL", "JWT_SECRET"],
  JWT_IDENTITY_CLAIM: ["JWT_JWKS_URL", "JWT_SECRET"],
  WEBHOOK_KEYS_ONLY: ["WEBHOOK_KEYS"],
  HOOK_SECRET: ["POST_EVENT_REACTIONS"],
  CUSTOM_DOMAIN: ["CERTIFICATE_ARN"],
  CERTIFICATE_ARN: ["CUSTOM_DOMAIN"],
};

export const unused: Check = {
  name: "unused settings",
  description: "Every setting has an effect",
  isOnline: false,
  advice: "Set what it needs in .env, or remove it",
  async run({ variables }) {
    const found = Object.entries(NEEDS)
      .filter(([name, others]) => isSet(variables[name]) && !others.some((one) => isSet(variables[one])))
      .map(([name, others]) => `${name} has no effect without ${others.join(" or ")}`);
    const { AUTH_TOKEN: token, AUTH_TOKEN_NEXT: next } = variables;
    return isSet(next) && next === token ? [...found, "AUTH_TOKEN_NEXT is the same as AUTH_TOKEN"] : found;
  },
};

export const sizes: Check = {
  name: "sizes",
  description: "The variables fit into Twilio Functions: 3 KB in total",
  isOnline: false,
  advice: "Move those that are no secrets to settings.json, which has no limit: docs/settings.md",
  async run({ variables, named }) {
    const all = named.reduce((sum, name) => sum + Buffer.byteLength(name + (variables[name] ?? "")), 0);
    return all > limits.all
      ? [`All variables together have ${all} bytes, and Twilio accepts ${limits.all}`]
      : [];
  },
};
