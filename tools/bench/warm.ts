import { execFile } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import { parseArgs, promisify } from "node:util";
import { type Endpoint, root, type Target } from "../../infra/endpoints.ts";
import { endProgress, showProgress } from "../progress.ts";
import { table } from "../table.ts";
import { startTwilio, type Twilio } from "./jobs.ts";
import { median, shuffled } from "./median.ts";
import { callerOf, eventOf, type Fields, type JobRequest } from "./programs.ts";
import { endpointNamed, requestOf } from "./requests.ts";

const HELP = `npm run bench:warm [-- --rounds N]

Measures how many access tokens one warm process issues in a second, each for a caller with an HS256 token: the bundles of
\`token\` on both platforms, called as the platforms call them, beside the least code for the same job and the usual
packages, jose and twilio. Log lines are made, but not written. Each is measured in a process of its own, in shuffled rounds.

  --rounds N   Rounds to take the median of (7)`;

const { values } = parseArgs({
  options: { rounds: { type: "string", default: "7" }, help: { type: "boolean", short: "h" } },
});

/** Of the rate of the least code: 35,000 of 132,000 per second where the goal was set. */
const GOAL = 0.265;

interface Variant {
  readonly name: string;
  readonly kind: "limit" | "peer" | "Parley";
  /** JavaScript of a module of CommonJS that sets `issue`, an asynchronous function. */
  readonly program: string;
}

/** Calls `issue` for a second to warm up, then for another second, and prints how often it succeeded in that one. */
const MEASURE = `
const rate = async (ms) => {
  const start = process.hrtime.bigint();
  const end = start + BigInt(ms * 1e6);
  let calls = 0;
  for (let now = start; now < end; now = process.hrtime.bigint())
    for (let i = 0; i < 50; i += 1, calls += 1) await issue();
  return calls / (Number(process.hrtime.bigint() - start) / 1e9);
};
rate(1_000).then(() => rate(1_000)).then((measured) => require("node:fs").writeSync(1, String(measured)));`;

async function main(): Promise<void> {
  const twilio = await startTwilio();
  try {
    const endpoint = endpointNamed("token");
    await measure(
      variantsOf(endpoint, twilio, await requestOf(endpoint, twilio)),
      Math.max(3, Number(values.rounds) || 7),
    );
  } finally {
    await twilio.stop();
  }
}

function variantsOf(endpoint: Endpoint, { variables }: Twilio, request: JobRequest): Variant[] {
  const parley = (name: string, target: Target): Variant => {
    const event = JSON.stringify(eventOf(endpoint, target, request, variables));
    const issue = `const event = ${event};
      const issue = async () => {
        if ((await call(event)).status !== 200) throw new Error("No token was issued");
      };`;
    return { name, kind: "Parley", program: `${callerOf(endpoint, target, variables)}\n${issue}` };
  };
  return [
    { name: "node:crypto alone", kind: "limit", program: limit(variables, request) },
    { name: "jose and twilio", kind: "peer", program: peer(variables, request) },
    parley("Lambda", "lambda"),
    parley("Functions", "twilio"),
  ];
}

const tokenOf = ({ headers }: JobRequest) => JSON.stringify(headers.authorization?.split(" ")[1]);

/** Verifies the caller's token and signs an access token. */
const limit = (variables: Fields, request: JobRequest): string => `
const { createHmac, createSecretKey, timingSafeEqual } = require("node:crypto");
const encode = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
const hmac = (key, text) => createHmac("sha256", key).update(text).digest();
const callers = createSecretKey(${JSON.stringify(variables.JWT_SECRET)}, "utf8");
const own = createSecretKey(${JSON.stringify(variables.TWILIO_API_KEY_SECRET)}, "utf8");
const token = ${tokenOf(request)};
const issue = async () => {
  const [header, payload, signature] = token.split(".");
  if (!timingSafeEqual(hmac(callers, header + "." + payload), Buffer.from(signature, "base64url"))) throw new Error("forged");
  const { sub, exp } = JSON.parse(Buffer.from(payload, "base64url").toString());
  const now = Math.floor(Date.now() / 1000);
  if (exp < now) throw new Error("expired");
  const grants = { identity: sub, chat: { service_sid: ${JSON.stringify(variables.CHAT_SERVICE_SID)} } };
  const claims = { jti: "1-" + now, iss: "SK", sub: "AC", iat: now, exp: now + 3600, grants };
  const signed = encode({ alg: "HS256", typ: "JWT", cty: "twilio-fpa;v=1" }) + "." + encode(claims);
  return JSON.stringify({ token: signed + "." + hmac(own, signed).toString("base64url"), identity: sub });
};`;

/** The same with the packages that a handler would use otherwise. */
const peer = (variables: Fields, request: JobRequest): string => `
const { jwtVerify } = require(${JSON.stringify(createRequire(join(root, "package.json")).resolve("jose"))});
const { jwt: { AccessToken } } = require(${JSON.stringify(join(root, "node_modules/twilio"))});
const callers = new TextEncoder().encode(${JSON.stringify(variables.JWT_SECRET)});
const token = ${tokenOf(request)};
const issue = async () => {
  const { payload } = await jwtVerify(token, callers, { algorithms: ["HS256"] });
  const own = new AccessToken("AC", "SK", ${JSON.stringify(variables.TWILIO_API_KEY_SECRET)}, { identity: payload.sub });
  own.addGrant(new AccessToken.ChatGrant({ serviceSid: ${JSON.stringify(variables.CHAT_SERVICE_SID)} }));
  return JSON.stringify({ token: own.toJwt(), identity: payload.sub });
};`;

async function measure(variants: readonly Variant[], rounds: number): Promise<void> {
  const run = promisify(execFile);
  const rates = new Map<Variant, number[]>(variants.map((variant) => [variant, []]));
  for (let round = 1; round <= rounds; round += 1) {
    for (const variant of shuffled(variants)) {
      const { stdout } = await run(process.execPath, ["--eval", variant.program + MEASURE]);
      rates.get(variant)?.push(Number(stdout));
    }
    showProgress(`round ${round} of ${rounds}`);
  }
  endProgress();
  const rateOf = (variant: Variant) => median(rates.get(variant) ?? []);
  const least = variants.find(({ kind }) => kind === "limit");
  const limit = least === undefined ? Number.NaN : rateOf(least);
  const rows = variants.map((variant) => {
    const share = rateOf(variant) / limit;
    const verdict = variant.kind === "Parley" ? `goal ${GOAL}: ${share >= GOAL ? "kept" : "MISSED"}` : "";
    return [variant.name, variant.kind, rateOf(variant).toFixed(0), share.toFixed(3), verdict];
  });
  console.log(table(["access tokens in a warm process", "", "per second", "of the limit", ""], rows));
}

if (values.help) console.log(HELP);
else await main();
