import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { SignJWT } from "jose";
import { twilioSignature } from "../core/access/signature.ts";
import { accessTokenSigner } from "../core/access-token.ts";
import { parseForm } from "../core/request.ts";
import { sizeBudget } from "./budgets.ts";
import { bundleFile, endpoints, root, type Target } from "./endpoints.ts";
import { median, shuffled } from "./median.ts";
import { table } from "./table.ts";

const HELP = `npm run bench [-- --rounds N]

Measures what a cold start costs: whole processes that load a bundle, do its job once and exit, beside \`node -e 0\`,
in shuffled rounds; and how many access tokens the signer makes in a second. Prints medians and what misses its budget.

  --rounds N   Rounds to take the median of (25)`;

/** One kind of process to measure. */
interface Variant {
  readonly name: string;
  readonly args: readonly string[];
  /** The bundle that it loads. */
  readonly bundle?: { readonly endpoint: string; readonly platform: Target };
  /** Milliseconds above bare node. */
  readonly timeBudget?: number;
}

const account = {
  ACCOUNT_SID: `AC${"a".repeat(32)}`,
  AUTH_TOKEN: "0123456789abcdef0123456789abcdef",
  TWILIO_API_KEY_SID: `SK${"b".repeat(32)}`,
  TWILIO_API_KEY_SECRET: "a secret of thirty-two characters",
  CHAT_SERVICE_SID: `IS${"c".repeat(32)}`,
  JWT_SECRET: "the secret of the issuer of callers' tokens",
};
const conversationSid = `CH${"d".repeat(32)}`;
const webhook = {
  EventType: "onMessageAdded",
  ConversationSid: conversationSid,
  Author: "whatsapp:+15558675310",
  Index: "1",
  Source: "WHATSAPP",
};

const SIGNER_BUDGET = 200_000;
const TOKENS_PER_RUN = 100_000;

const { values } = parseArgs({
  options: { rounds: { type: "string", default: "25" }, help: { type: "boolean", short: "h" } },
});
if (values.help) {
  console.log(HELP);
} else {
  await run(Math.max(3, Number(values.rounds) || 25));
}

async function run(rounds: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "parley-bench-"));
  const twilio = createServer((_request, response) => {
    response
      .writeHead(404, { "content-type": "application/json" })
      .end('{"code":20404,"message":"not found","status":404}');
  });
  await new Promise<void>((resolve) => twilio.listen(0, "127.0.0.1", resolve));
  try {
    const variants = await prepare(folder, `http://127.0.0.1:${(twilio.address() as AddressInfo).port}`);
    const times = await measure(variants, rounds);
    report(variants, times);
  } finally {
    twilio.close();
    rmSync(folder, { recursive: true });
  }
  benchSigner();
}

/** Writes a script per variant and checks that each does its job. */
async function prepare(folder: string, twilioUrl: string): Promise<Variant[]> {
  const environment = { ...account, TWILIO_BASE_URL: twilioUrl };
  const token = await new SignJWT({ sub: "alice" })
    .setProtectedHeader({ alg: "HS256" })
    .setExpirationTime("1h")
    .sign(new TextEncoder().encode(account.JWT_SECRET));
  const authorized = { authorization: `Bearer ${token}` };
  const body = new URLSearchParams(webhook).toString();
  const signed = {
    "content-type": "application/x-www-form-urlencoded",
    "x-twilio-signature": twilioSignature(
      account.AUTH_TOKEN,
      "https://example.com/whatsapp/opt-in-reply",
      parseForm(body),
    ),
  };
  // Where the log goes is up already when a platform calls a handler, so opening it does not count.
  const functionsScript = (bundle: string, path: string, headers: object, fields: object) =>
    `globalThis.Twilio = { Response: class { setStatusCode(s) { this.status = s; } setBody() {} appendHeader() {} } };
     console.info = console.warn = console.error = () => {};
     const context = ${JSON.stringify({ ...environment, DOMAIN_NAME: "example.com", PATH: path })};
     require(${JSON.stringify(bundle)}).handler(context, ${JSON.stringify({ request: { headers }, ...fields })},
       (_, response) => process.exit(response.status === 200 ? 0 : 1));`;
  const lambdaScript = (bundle: string, path: string, headers: object, text: string) =>
    `Object.defineProperty(process, "stdout", { value: { write: () => true } });
     Object.assign(process.env, ${JSON.stringify(environment)});
     const event = { version: "2.0", routeKey: "POST ${path}", rawPath: "${path}", rawQueryString: "", headers: ${JSON.stringify(headers)},
       requestContext: { http: { method: "POST", path: "${path}" }, domainName: "example.com", requestId: "1" }, body: ${JSON.stringify(text)} };
     require(${JSON.stringify(bundle)}).handler(event, { awsRequestId: "1", getRemainingTimeInMillis: () => 9000 })
       .then((result) => process.exit(result.statusCode === 200 ? 0 : 1));`;
  const sdk = join(root, "node_modules/twilio");
  const sdkToken = `const { jwt: { AccessToken } } = require(${JSON.stringify(sdk)});
    const token = new AccessToken("${account.ACCOUNT_SID}", "${account.TWILIO_API_KEY_SID}", "${account.TWILIO_API_KEY_SECRET}", { identity: "alice" });
    token.addGrant(new AccessToken.ChatGrant({ serviceSid: "${account.CHAT_SERVICE_SID}" }));
    process.exit(token.toJwt() ? 0 : 1);`;
  const sdkRest = `const twilio = require(${JSON.stringify(sdk)});
    const client = twilio("${account.ACCOUNT_SID}", "${account.AUTH_TOKEN}");
    const send = client.httpClient.request.bind(client.httpClient);
    client.httpClient.request = (options) => send({ ...options, uri: options.uri.replace(/^https:..[^/]+/, "${twilioUrl}") });
    client.conversations.v1.conversations("${conversationSid}").fetch().catch((error) => process.exit(error.status === 404 ? 0 : 1));`;

  const script = (name: string, text: string): readonly string[] => {
    const path = join(folder, `${name}.cjs`);
    writeFileSync(path, text);
    return [path];
  };
  const bundle = (file: string) => join(root, "dist", file);
  return [
    { name: "node -e 0 (bare)", args: ["-e", "0"] },
    {
      name: "token, Twilio Functions",
      bundle: { endpoint: "token", platform: "twilio" },
      args: script(
        "token-functions",
        functionsScript(bundle("twilio/functions/token.js"), "/token", authorized, {}),
      ),
      timeBudget: 9,
    },
    {
      name: "token, Lambda with middy",
      bundle: { endpoint: "token", platform: "lambda" },
      args: script("token-lambda", lambdaScript(bundle("lambda/token/index.js"), "/token", authorized, "")),
      timeBudget: 12,
    },
    { name: "token, import twilio", args: script("token-sdk", sdkToken) },
    {
      name: "opt-in-reply to its first REST answer, Twilio Functions",
      bundle: { endpoint: "whatsapp/opt-in-reply", platform: "twilio" },
      args: script(
        "reply-functions",
        functionsScript(
          bundle("twilio/functions/whatsapp/opt-in-reply.protected.js"),
          "/whatsapp/opt-in-reply",
          signed,
          webhook,
        ),
      ),
      timeBudget: 28,
    },
    {
      name: "opt-in-reply to its first REST answer, Lambda with middy",
      bundle: { endpoint: "whatsapp/opt-in-reply", platform: "lambda" },
      args: script(
        "reply-lambda",
        lambdaScript(bundle("lambda/whatsapp/opt-in-reply/index.js"), "/whatsapp/opt-in-reply", signed, body),
      ),
      timeBudget: 28,
    },
    { name: "a first REST answer, import twilio", args: script("rest-sdk", sdkRest) },
  ];
}

async function measure(variants: readonly Variant[], rounds: number): Promise<Map<string, number[]>> {
  const times = new Map<string, number[]>(variants.map(({ name }) => [name, []]));
  for (let round = 0; round <= rounds; round++) {
    for (const variant of shuffled(variants)) {
      const elapsed = await timeOf(variant);
      // The first round warms the page cache.
      if (round > 0) times.get(variant.name)?.push(elapsed);
    }
    process.stderr.write(`\rround ${round} of ${rounds}`);
  }
  process.stderr.write("\r\x1b[K");
  return times;
}

function timeOf(variant: Variant): Promise<number> {
  return new Promise((resolve, reject) => {
    const startedAt = performance.now();
    const child = spawn(process.execPath, variant.args, { stdio: "ignore", env: {} });
    child.once("error", reject);
    child.once("exit", (code) => {
      if (code === 0) resolve(performance.now() - startedAt);
      else
        reject(
          new Error(`"${variant.name}" did not do its job (exit code ${code}). Run \`npm run build\` first.`),
        );
    });
  });
}

/** Medians of differences within a round, so that the machine's drift cancels out. */
function report(variants: readonly Variant[], times: ReadonlyMap<string, readonly number[]>): void {
  const bare = times.get(variants[0]?.name ?? "") ?? [];
  console.log(`bare node: ${median(bare).toFixed(1)} ms\n`);
  const rows = variants.slice(1).map((variant) => {
    const above = median((times.get(variant.name) ?? []).map((time, round) => time - (bare[round] ?? 0)));
    const size = variant.bundle === undefined ? undefined : sizeOf(variant.bundle);
    const misses = [
      ...(variant.timeBudget !== undefined && above > variant.timeBudget ? ["time"] : []),
      ...(size !== undefined && size.kB > size.goal ? ["size"] : []),
    ];
    return [
      variant.name,
      above.toFixed(1),
      variant.timeBudget?.toFixed(0) ?? "",
      size?.kB.toFixed(1) ?? "",
      size?.goal.toFixed(0) ?? "",
      variant.timeBudget === undefined ? "" : misses.length === 0 ? "kept" : `MISSED: ${misses.join(", ")}`,
    ];
  });
  console.log(
    table(["cold start to the first job done", "ms above bare", "budget", "kB", "budget", ""], rows),
  );
}

function sizeOf({ endpoint: name, platform }: NonNullable<Variant["bundle"]>): { kB: number; goal: number } {
  const endpoint = endpoints().find((one) => one.name === name);
  if (endpoint === undefined) throw new Error(`There is no endpoint ${name}.`);
  return {
    kB: statSync(bundleFile(endpoint, platform)).size / 1_000,
    goal: sizeBudget(endpoint, platform).goal,
  };
}

function benchSigner(): void {
  const sign = accessTokenSigner({
    accountSid: account.ACCOUNT_SID,
    apiKeySid: account.TWILIO_API_KEY_SID,
    apiKeySecret: account.TWILIO_API_KEY_SECRET,
  });
  const rates = Array.from({ length: 7 }, () => {
    const startedAt = performance.now();
    for (let i = 0; i < TOKENS_PER_RUN; i++)
      sign({ identity: `user-${i}`, serviceSid: account.CHAT_SERVICE_SID }, 3600, 1_800_000_000);
    return TOKENS_PER_RUN / ((performance.now() - startedAt) / 1_000);
  });
  const rate = median(rates);
  const verdict = rate < SIGNER_BUDGET ? "MISSED" : "kept";
  console.log(
    `\naccess tokens signed per second and core: ${Math.round(rate).toLocaleString("en")} (budget ${SIGNER_BUDGET.toLocaleString("en")}: ${verdict})`,
  );
}
