import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { TwilioApi } from "../../infra/account/api.ts";
import { root } from "../../infra/endpoints.ts";
import { type Check, type CheckContext, NotChecked } from "../../tools/doctor/check.ts";
import * as account from "../../tools/doctor/checks/account.ts";
import * as channels from "../../tools/doctor/checks/channels.ts";
import { ping, webhooks } from "../../tools/doctor/checks/deployment.ts";
import { build, runtimeHandler } from "../../tools/doctor/checks/project.ts";
import {
  contradictions,
  settings,
  sizes,
  unknownSettings,
  unused,
} from "../../tools/doctor/checks/settings.ts";
import { useAccount } from "../emulator/support/emulator.ts";
import { validSettings } from "../support/settings.ts";

const fixture = useAccount();
const folder = mkdtempSync(join(tmpdir(), "parley-doctor-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const unknownSid = (prefix: string) => `${prefix}${"0".repeat(32)}`;

const NO_ACCESS = { AUTH_TOKEN: "", JWT_SECRET: "", JWT_ISSUER: "https://issuer.example.com" };

/** Valid settings, with a test's changes. */
const settingsWith = (changes: Readonly<Record<string, string>> = {}): Record<string, string> => ({
  ...validSettings(fixture.current.emulator),
  ...changes,
});

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
    const { current } = fixture;
    const { emulator, client } = current;
    const whatsapp = "whatsapp:+15017122662";
    await current.control("POST", "/numbers", { address: whatsapp });
    const service = client.messaging.v1.services(emulator.messagingServiceSid);
    const [number] = await client.incomingPhoneNumbers.list();
    if ((await service.phoneNumbers.list()).length === 0)
      await service.phoneNumbers.create({ phoneNumberSid: number?.sid ?? "" });
    await current.control("POST", "/campaigns", { messagingServiceSid: emulator.messagingServiceSid });
    const credential = await client.conversations.v1.credentials.create({ type: "fcm", secret: "a secret" });
    await current.template({ "twilio/text": { body: "Hello {{1}}" } }, "approved", { "1": "Ada" });
    const deployment = await current.receiver((_request, response) => response.writeHead(200).end());
    const PUBLIC_BASE_URL = deployment.url.replace(/\/$/, "");
    await client.conversations.v1
      .services(emulator.chatServiceSid)
      .configuration.webhooks()
      .update({
        preWebhookUrl: `${PUBLIC_BASE_URL}/webhooks/pre-event`,
        postWebhookUrl: `${PUBLIC_BASE_URL}/webhooks/post-event`,
        method: "POST",
      });
    const set = {
      PUBLIC_BASE_URL,
      WHATSAPP_PROXY_ADDRESS: whatsapp,
      PUSH_CREDENTIAL_SID_ANDROID: credential.sid,
    };
    const { drift: _drift, ...online } = account;
    const offline = [settings, unknownSettings, unused, contradictions, sizes];
    for (const check of [...offline, ...Object.values(online), ...Object.values(channels), webhooks, ping])
      expect(await find(check, set), check.name).toEqual([]);
  });

  it.each<[Check, Record<string, string>, string]>([
    [account.credentials, { AUTH_TOKEN: "", TWILIO_API_KEY_SID: "" }, "neither AUTH_TOKEN nor"],
    [account.service, { CHAT_SERVICE_SID: "" }, "CHAT_SERVICE_SID is not set"],
    [account.pushCredentials, {}, "no PUSH_CREDENTIAL_SID_… is set"],
    [account.drift, {}, "PUBLIC_BASE_URL is not set; --base-url URL"],
    [channels.numbers, { PROXY_ADDRESSES: "whatsapp:+15017122662" }, "no phone number"],
    [channels.senders, {}, "no WhatsApp or RCS address"],
    [channels.templates, {}, "no WhatsApp address"],
    [channels.campaigns, { PROXY_ADDRESSES: "+447700900123,+18885550100" }, "no US long code"],
    [webhooks, {}, "PUBLIC_BASE_URL is not set"],
    [ping, {}, "PUBLIC_BASE_URL is not set"],
    [ping, { PUBLIC_BASE_URL: "https://x.io", WEBHOOK_KEYS_ONLY: "true" }, "WEBHOOK_KEYS_ONLY is true"],
  ])("nothing to check for $name", async (check, changes, reason) => {
    const error = await find(check, changes).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(NotChecked);
    expect(String(error)).toContain(reason);
  });

  it.each([account.credentials, account.service, account.clock, channels.numbers])(
    "no fault when Twilio cannot be reached: $name",
    async (check) => {
      const changes = { TWILIO_BASE_URL: "http://127.0.0.1:1" };
      const api = new TwilioApi(settingsWith(changes), 100);
      const error = await find(check, changes, { api }).catch((error: unknown) => error);
      expect(error).toBeInstanceOf(Error);
      expect(error).not.toBeInstanceOf(NotChecked);
      expect(String(error)).toMatch(/did not answer GET \S+ \(ECONNREFUSED\).*network|cannot be reached/);
    },
  );

  it.each<[string, Check, Record<string, string>, string]>([
    ["a missing setting", settings, { AUTH_TOKEN: "" }, "AUTH_TOKEN is missing"],
    [
      "a wrong variable of the build",
      settings,
      { INDEX_PAGE: "maybe" },
      'INDEX_PAGE must be "true" or "false"',
    ],
    ["a malformed SID", settings, { CHAT_SERVICE_SID: "IS123" }, "CHAT_SERVICE_SID must be a SID"],
    ["rules that are not JSON", settings, { PRE_EVENT_RULES: "{" }, "(webhooks/pre-event)"],
    [
      "a misspelled name",
      unknownSettings,
      { PROXY_ADRESSES: "+15017122661" },
      "did you mean PROXY_ADDRESSES?",
    ],
    [
      "a name of Twilio's tools",
      unknownSettings,
      { TWILIO_AUTH_TOKEN: "0".repeat(32) },
      "its name here is AUTH_TOKEN",
    ],
    ["a setting without effect", unused, { JWT_ISSUER: "me", JWT_SECRET: "" }, "JWT_ISSUER has no effect"],
    [
      "an auth token that was rotated",
      unused,
      { AUTH_TOKEN: "0".repeat(32), AUTH_TOKEN_NEXT: "0".repeat(32) },
      "the same as AUTH_TOKEN",
    ],
    ["no kind of access", settings, NO_ACCESS, "JWT_JWKS_URL with JWT_ISSUER and JWT_AUDIENCE"],
    [
      "all that is missing at once",
      settings,
      { ACCOUNT_SID: "", CHAT_SERVICE_SID: "" },
      "ACCOUNT_SID is missing",
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
      channels.numbers,
      { PROXY_ADDRESSES: "+15005550006" },
      "does not own +15005550006",
    ],
    [
      "a deleted push credential",
      account.pushCredentials,
      { PUSH_CREDENTIAL_SID_IOS: unknownSid("CR") },
      "no push",
    ],
    [
      "a WhatsApp address of another account",
      channels.senders,
      { WHATSAPP_PROXY_ADDRESS: "+15005550006" },
      "no sender whatsapp:+15005550006",
    ],
    [
      "a US number outside of messaging services",
      channels.campaigns,
      { PROXY_ADDRESSES: "+15005550006" },
      "is in no messaging service",
    ],
    ["an unreachable deployment", ping, { PUBLIC_BASE_URL: "http://127.0.0.1:1" }, "cannot be reached"],
    [
      "a service without webhooks",
      webhooks,
      { PUBLIC_BASE_URL: "https://x.io" },
      "Neither service nor account has a pre_webhook_url",
    ],
  ])("%s", async (_name, check, changes, message) => {
    expect((await find(check, changes)).join("\n")).toContain(message);
  });

  it("a deployment that rejects the signature, and none that accepts it", async () => {
    const refusing = await fixture.current.receiver((_request, response) => response.writeHead(403).end());
    const PUBLIC_BASE_URL = refusing.url.replace(/\/$/, "");
    expect((await find(ping, { PUBLIC_BASE_URL })).join()).toMatch(
      /pre-event answered .* HTTP 403: AUTH_TOKEN/,
    );
    const taking = await fixture.current.receiver();
    expect(await find(ping, { PUBLIC_BASE_URL: taking.url.replace(/\/$/, "") })).toEqual([]);
  });

  it.each<[string, Check, object, string]>([
    [
      "a number that sends no pictures",
      channels.numbers,
      { incoming_phone_numbers: [{ phone_number: "+15017122661", capabilities: { sms: true, mms: false } }] },
      "+15017122661 does not support MMS",
    ],
    [
      "a sender that is offline",
      channels.senders,
      {
        senders: [
          {
            sender_id: "whatsapp:+15017122662",
            status: "OFFLINE",
            offline_reasons: [{ message: "Blocked" }],
          },
        ],
      },
      "whatsapp:+15017122662 has the status OFFLINE: Blocked",
    ],
  ])("%s, which the emulator does not have", async (_name, check, answer, message) => {
    const twilio = await fixture.current.receiver((_request, response) =>
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answer)),
    );
    const changes = {
      TWILIO_BASE_URL: twilio.url.replace(/\/$/, ""),
      WHATSAPP_PROXY_ADDRESS: "+15017122662",
    };
    const api = new TwilioApi(settingsWith(changes));
    expect(await find(check, changes, { api })).toEqual([message]);
  });

  it("a clock that is wrong", async () => {
    const date = new Date(Date.now() - 3_600_000).toUTCString();
    const twilio = await fixture.current.receiver((_request, response) =>
      response.writeHead(401, { date }).end(),
    );
    const [found] = await find(account.clock, { TWILIO_BASE_URL: twilio.url.replace(/\/$/, "") });
    expect(found).toMatch(/^The clock is 3[56]\d\d seconds off$/);
  });

  it("webhooks of another deployment, without showing the password in their URLs", async () => {
    const { emulator, client } = fixture.current;
    await client.conversations.v1.services(emulator.chatServiceSid).configuration.webhooks().update({
      preWebhookUrl: "https://parley:secret@old.example.com/webhooks/pre-event",
      postWebhookUrl: "https://new.example.com/webhooks/post-event",
      method: "GET",
    });
    const found = await find(webhooks, { PUBLIC_BASE_URL: "https://new.example.com" });
    expect(found).toEqual([
      expect.stringContaining("is https://parley:***@old.example.com/webhooks/pre-event"),
    ]);
    const [byGet] = await find(webhooks, { PUBLIC_BASE_URL: "https://old.example.com" });
    expect(byGet).toContain("post_webhook_url");
  });

  it("a template that WhatsApp has rejected, and one without a sample value", async () => {
    const body = { "twilio/text": { body: "Hello {{1}} of {{shop}}" } };
    await fixture.current.template(body, "rejected", { "1": "Ada" });
    const found = await find(channels.templates, { WHATSAPP_PROXY_ADDRESS: "whatsapp:+15017122662" });
    expect(found).toEqual([expect.stringMatching(/ is rejected.* no sample value for \{\{shop\}\}$/)]);
  });

  it("a number whose campaign is pending", async () => {
    const { emulator, client } = fixture.current;
    const service = client.messaging.v1.services(emulator.messagingServiceSid);
    const [number] = await client.incomingPhoneNumbers.list();
    if ((await service.phoneNumbers.list()).length === 0)
      await service.phoneNumbers.create({ phoneNumberSid: number?.sid ?? "" });
    expect(await find(channels.campaigns)).toEqual([expect.stringContaining("has no campaign")]);
  });

  it("a push credential of another platform", async () => {
    const { sid } = await fixture.current.client.conversations.v1.credentials.create({
      type: "fcm",
      secret: "a secret",
    });
    const found = await find(account.pushCredentials, { PUSH_CREDENTIAL_SID_IOS: sid });
    expect(found).toEqual([expect.stringContaining("has the type fcm, not apn")]);
  });

  it("addresses that create conversations in a deleted service", async () => {
    const { v1 } = fixture.current.client.conversations;
    const { sid } = await v1.services.create({ friendlyName: "Old" });
    await fixture.current.autocreate({ "autoCreation.conversationServiceSid": sid });
    await v1.services(sid).remove();
    expect(await find(account.addresses)).toEqual([expect.stringContaining(`${sid}, which does not exist`)]);
  });

  it("addresses that start a deleted flow", async () => {
    const studioFlowSid = unknownSid("FW");
    const rule = { "autoCreation.type": "studio", "autoCreation.studioFlowSid": studioFlowSid };
    await fixture.current.autocreate(rule);
    expect(await find(account.addresses)).toEqual([
      expect.stringContaining(`starts the flow ${studioFlowSid}`),
    ]);
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
