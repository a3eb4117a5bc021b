import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { TwilioApi } from "../../infra/account/api.ts";
import { root } from "../../infra/endpoints.ts";
import type { Check, CheckContext } from "../../tools/doctor/check.ts";
import * as account from "../../tools/doctor/checks/account.ts";
import { webhook } from "../../tools/doctor/checks/deployment.ts";
import { build, runtimeHandler } from "../../tools/doctor/checks/project.ts";
import { contradictions, settings, sizes, unknownSettings } from "../../tools/doctor/checks/settings.ts";
import { useAccount } from "../emulator/support/emulator.ts";

const fixture = useAccount();
const folder = mkdtempSync(join(tmpdir(), "parley-doctor-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const unknownSid = (prefix: string) => `${prefix}${"0".repeat(32)}`;

/** Valid settings, with a test's changes. */
function settingsWith(changes: Readonly<Record<string, string>> = {}): Record<string, string> {
  const { emulator } = fixture.current;
  return {
    ACCOUNT_SID: emulator.accountSid,
    AUTH_TOKEN: emulator.authToken,
    TWILIO_API_KEY_SID: emulator.apiKeySid,
    TWILIO_API_KEY_SECRET: emulator.apiKeySecret,
    CHAT_SERVICE_SID: emulator.chatServiceSid,
    JWT_SECRET: "the secret of the issuer of callers' tokens",
    TWILIO_BASE_URL: emulator.url,
    PROXY_ADDRESSES: emulator.smsNumber,
    ...changes,
  };
}

/** A check's findings with these settings. */
function find(
  check: Check,
  changes: Readonly<Record<string, string>> = {},
  more: Partial<CheckContext> = {},
) {
  const variables = settingsWith(changes);
  const accountFile = join(root, "infra/account/account.json");
  const api = new TwilioApi(settingsWith());
  return check.run({
    variables,
    problems: [],
    named: Object.keys(variables),
    folder: root,
    accountFile,
    api,
    ...more,
  });
}

describe("the doctor finds", () => {
  it("nothing in a correct set-up", async () => {
    const { drift: _drift, ...online } = account;
    for (const check of [settings, unknownSettings, contradictions, sizes, ...Object.values(online), webhook])
      expect(await find(check), check.name).toEqual([]);
  });

  it.each<[string, Check, Record<string, string>, string]>([
    ["a missing setting", settings, { AUTH_TOKEN: "" }, "AUTH_TOKEN is missing"],
    ["a malformed SID", settings, { CHAT_SERVICE_SID: "IS123" }, "CHAT_SERVICE_SID must be a SID"],
    ["rules that are not JSON", settings, { PRE_EVENT_RULES: "{" }, "(webhooks/pre-event)"],
    [
      "a misspelled name",
      unknownSettings,
      { PROXY_ADRESSES: "+15017122661" },
      "did you mean PROXY_ADDRESSES?",
    ],
    ["half an API key", contradictions, { TWILIO_API_KEY_SECRET: "" }, "must be set together"],
    [
      "a public URL without TLS",
      contradictions,
      { TWILIO_BASE_URL: "", PUBLIC_BASE_URL: "http://x.io" },
      "https://",
    ],
    [
      "3 KB of settings",
      sizes,
      Object.fromEntries("ABCDEFG".split("").map((a) => [a, "x".repeat(440)])),
      "together",
    ],
    ["a wrong auth token", account.credentials, { AUTH_TOKEN: "f".repeat(32) }, "code 20003"],
    ["a wrong API key", account.credentials, { TWILIO_API_KEY_SECRET: "f".repeat(32) }, "TWILIO_API_KEY_SID"],
    ["a service of no account", account.service, { CHAT_SERVICE_SID: unknownSid("IS") }, "has no service"],
    [
      "a number of another account",
      account.numbers,
      { PROXY_ADDRESSES: "+15005550006" },
      "does not own +15005550006",
    ],
    [
      "a deleted push credential",
      account.pushCredentials,
      { PUSH_CREDENTIAL_SID_IOS: unknownSid("CR") },
      "no push",
    ],
    ["an unreachable deployment", webhook, { PUBLIC_BASE_URL: "http://127.0.0.1:1" }, "cannot be reached"],
  ])("%s", async (_name, check, changes, message) => {
    expect((await find(check, changes)).join("\n")).toContain(message);
  });

  it("a deployment that rejects the signature, and none that accepts it", async () => {
    const refusing = await fixture.current.receiver((_request, response) => response.writeHead(403).end());
    const PUBLIC_BASE_URL = refusing.url.replace(/\/$/, "");
    expect((await find(webhook, { PUBLIC_BASE_URL })).join()).toContain("HTTP 403");
    const taking = await fixture.current.receiver();
    expect(await find(webhook, { PUBLIC_BASE_URL: taking.url.replace(/\/$/, "") })).toEqual([]);
  });

  it("addresses that create conversations in a deleted service", async () => {
    const { v1 } = fixture.current.client.conversations;
    const { sid } = await v1.services.create({ friendlyName: "Old" });
    await fixture.current.autocreate({ "autoCreation.conversationServiceSid": sid });
    await v1.services(sid).remove();
    expect(await find(account.addresses)).toEqual([expect.stringContaining(`${sid}, which does not exist`)]);
  });

  it("an account that differs from its file", async () => {
    const [found] = await find(account.drift, { PUBLIC_BASE_URL: "https://parley.example.com" });
    expect(found).toMatch(/^\d+ differ: .*the webhooks of the service/);
  });

  it("a runtime handler that Twilio rejects, and none for an accepted one", async () => {
    const pin = (version: string) => {
      const dependencies = { "@twilio/runtime-handler": version };
      writeFileSync(join(folder, "package.json"), JSON.stringify({ dependencies }));
      return find(runtimeHandler, {}, { folder });
    };
    expect(await pin("2.1.0")).toEqual([expect.stringContaining("2.1.0")]);
    expect(await pin("^2.0.1")).toHaveLength(1);
    expect(await pin("2.0.1")).toEqual([]);
  });

  it("a missing build, and one older than the sources", async () => {
    const look = () => find(build, {}, { folder });
    const sources = [
      "assets",
      "core",
      "functions",
      "handlers",
      "infra",
      "docs/endpoints",
      "tools/build",
      "tools/reference",
    ];
    const files = [...sources.map((name) => `${name}/one.ts`), "package-lock.json"];
    const output = "dist/twilio/assets/openapi.json";
    for (const file of [...files, output]) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(join(folder, file), "");
      utimesSync(join(folder, file), 1_000, 1_000);
    }
    // Creating a file changes the time of its folder.
    for (const name of sources) utimesSync(join(folder, name), 1_000, 1_000);
    expect(await look()).toEqual([]);
    for (const file of files) {
      utimesSync(join(folder, file), 1_000, 1_002);
      expect(await look()).toEqual([expect.stringContaining("changed after it")]);
      utimesSync(join(folder, file), 1_000, 1_000);
    }
    rmSync(join(folder, output));
    expect(await look()).toEqual([expect.stringContaining("There is no build")]);
  });
});

describe("npm run doctor", () => {
  it("prints JSON with advice, exits with 1, and prints no secret", () => {
    const file = join(folder, ".env");
    const lines = Object.entries(settingsWith({ TWILIO_API_KEY_SECRET: "", TOKEN_TTL: "5" }));
    writeFileSync(file, lines.map(([name, value]) => `${name}=${value}\n`).join(""));
    const args = [join(root, "tools/doctor/main.ts"), "--offline", "--json", "--env", file];
    const { status, stdout } = spawnSync(process.execPath, args, {
      env: { PATH: process.env.PATH },
      encoding: "utf8",
    });
    expect(status).toBe(1);
    expect(JSON.parse(stdout).results).toContainEqual(
      expect.objectContaining({ check: "contradictions", status: "wrong", advice: expect.any(String) }),
    );
    expect(stdout).toContain("TOKEN_TTL (.env) must lie between 1200 and 86400");
    expect(stdout).not.toContain(fixture.current.emulator.authToken);
  });
});
