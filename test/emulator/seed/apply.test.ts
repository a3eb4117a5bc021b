import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { startEmulator } from "../../../emulator/emulator.ts";
import { useAccount } from "../support/emulator.ts";
import { runMain, temporaryDirectory } from "../support/process.ts";

const exampleFile = fileURLToPath(new URL("../../../docs/seed.example.json", import.meta.url));
const example = JSON.parse(readFileSync(exampleFile, "utf8"));

const fixture = useAccount({ contents: example });
const sid = (prefix: string, number: number) => prefix + String(number).padStart(32, "0");

/** What the emulator says to another seed. */
async function rejection(seed: unknown): Promise<unknown> {
  const { status, body } = await fixture.current.control("POST", "/reset", seed);
  return status === 200 ? "taken" : body.error;
}

describe("a seed", () => {
  it("fills the account with what it lists, under the SIDs that it gives", async () => {
    const { client, conversations } = fixture.current;
    const order = conversations(sid("CH", 1));
    expect(await order.fetch()).toMatchObject({
      uniqueName: "order-1",
      attributes: '{"order":1}',
      dateCreated: new Date("2026-01-05T09:00:00Z"),
      timers: { date_inactive: "2026-01-05T11:00:00Z" },
    });
    expect((await order.participants.list()).map((p) => [p.sid, p.identity])).toEqual([
      [sid("MB", 1), "alicia"],
      [sid("MB", 2), null],
    ]);
    expect(await order.messages(sid("IM", 1)).fetch()).toMatchObject({ body: "Your order is on its way." });
    expect(await order.webhooks(sid("WH", 1)).fetch()).toMatchObject({ target: "webhook" });
    expect(await client.conversations.v1.users("alicia").fetch()).toMatchObject({ sid: sid("US", 1) });
    expect(await conversations(sid("CH", 2)).fetch()).toMatchObject({ state: "closed" });
    expect(await client.content.v1.contents(sid("HX", 1)).fetch()).toMatchObject({
      friendlyName: "introduction",
    });
    expect(await client.conversations.v1.configuration.webhooks().fetch()).toMatchObject({
      postWebhookUrl: "http://localhost:3000/webhooks/post-event",
    });
  });

  it("delivers its messages, and its numbers and templates work", async () => {
    await fixture.current.emulator.settle();
    expect(await fixture.current.inbox("+15558675310")).toMatchObject([
      { body: "Your order is on its way." },
    ]);
    const answer = await fixture.current.send("+15558675310", "+15017122662", "Thank you");
    expect(answer).toMatchObject({ routed: true, conversationSid: sid("CH", 1) });
  });

  it("configures addresses, which then make conversations", async () => {
    const account = fixture.current;
    const autoCreation = {
      enabled: true,
      type: "webhook",
      webhookUrl: "http://localhost:9",
      webhookFilters: [],
    };
    const rule = { sid: sid("IG", 1), type: "sms", address: "+15017122661", autoCreation };
    expect(await rejection({ addresses: [rule] })).toBe("taken");
    expect(await account.client.conversations.v1.addressConfigurations(sid("IG", 1)).fetch()).toMatchObject({
      autoCreation: { enabled: true, webhook_url: "http://localhost:9" },
    });
    expect(await account.send("+15558675310", "+15017122661", "Hello")).toMatchObject({ routed: true });
    const unsure = { ...rule, autoCreation: { ...autoCreation, enabled: "yes" } };
    expect(await rejection({ addresses: [unsure] })).toBe(
      "addresses[0].autoCreation.enabled: must be true or false",
    );
  });

  it("has public channels of the Chat API, which can be migrated", async () => {
    const account = fixture.current;
    const messages = [{ author: "alicia", body: "Hi" }];
    const channel = { sid: sid("CH", 9), uniqueName: "support", attributes: { a: 1 }, members: ["alicia"] };
    const services = [{ sid: sid("IS", 9), friendlyName: "Old", channels: [{ ...channel, messages }] }];
    expect(await rejection({ services, channels: [{ members: ["bob"] }] })).toBe("taken");
    const { client } = account;
    const { conversations } = client.conversations.v1.services(sid("IS", 9));
    expect(await conversations.list()).toEqual([]);
    await client.chat.v3.channels(sid("IS", 9), sid("CH", 9)).update({ type: "private" });
    expect(await conversations("support").fetch()).toMatchObject({
      sid: sid("CH", 9),
      attributes: '{"a":1}',
    });
    expect(await conversations("support").messages.list()).toMatchObject(messages);
    expect(await rejection({ channels: [{ uniqueName: "a" }, { members: ["system"] }] })).toContain(
      "channels[1]: ",
    );
  });

  it("is there again after a reset, unless that names another one", async () => {
    const { control, conversations, emulator } = fixture.current;
    await conversations(sid("CH", 1)).remove();
    await emulator.reset();
    expect(await conversations("order-1").fetch()).toMatchObject({ sid: sid("CH", 1) });
    const other = { conversations: [{ sid: sid("CH", 7) }] };
    expect((await control.call(fixture.current, "POST", "/reset", other)).body).toEqual({ reset: true });
    expect((await conversations.list()).map((c) => c.sid)).toEqual([sid("CH", 7)]);
  });

  it.each([
    [{ conversation: [] }, "conversation: unknown field; known are webhooks, faults, numbers, contents"],
    [{ conversations: {} }, "conversations: must be a list"],
    [{ conversations: [{ sid: "CH1" }] }, "conversations[0].sid: must be CH and 32 hexadecimal digits"],
    [
      { conversations: [{}, { messages: [{ sid: sid("CH", 1) }] }] },
      "conversations[1].messages[0].sid: must be IM",
    ],
    [{ conversations: [{ sid: sid("CH", 1) }, { sid: sid("CH", 1) }] }, "conversations[1].sid: CH"],
    [{ conversations: [{ timers: { inactive: 5 } }] }, "conversations[0].timers.inactive: must be text"],
    [{ conversations: [{ timers: { inactive: "P1M" } }] }, "conversations[0]: "],
    [{ conversations: [{ participants: [{}] }] }, "conversations[0].participants[0]: "],
    [{ conversations: [{ messages: [{ body: "x".repeat(40_000) }] }] }, "conversations[0].messages[0]: "],
    [{ conversations: [{ state: "asleep" }] }, "conversations[0].state: "],
    [{ users: [{ identity: "a" }, { identity: "a" }] }, "users[1]: User already exists (50201)"],
    [{ numbers: [{ address: "12" }] }, "numbers[0].address: must be a number in E.164 form"],
    [{ numbers: [{ sid: sid("XE", 1), address: "+15017122663" }] }, "numbers[0].sid: must begin with PN"],
    [{ contents: [{ language: "en", types: {} }] }, "contents[0]: "],
    [
      {
        contents: [
          { language: "en", types: { "twilio/text": { body: "x" } }, approval: { status: "maybe" } },
        ],
      },
      "contents[0].approval.status: must be one of unsubmitted",
    ],
    [{ webhooks: { postWebhookUrl: "nowhere" } }, "webhooks: "],
    [[], "must be a JSON object"],
  ])("that is wrong is refused with the path of what is: %j", async (seed, message) => {
    expect(await rejection(seed)).toContain(message);
    // What was there stays.
    expect(await fixture.current.conversations("order-1").fetch()).toMatchObject({ sid: sid("CH", 1) });
  });

  it("of any JSON is taken or refused, and nothing else happens", async () => {
    const keys = Object.keys(example);
    const text = fc.oneof(fc.string(), fc.constantFrom("closed", "webhook", "+15017122663", sid("CH", 3)));
    const inner = fc.dictionary(
      fc.constantFrom(
        "sid",
        "identity",
        "body",
        "state",
        "address",
        "messages",
        "participants",
        "attributes",
      ),
      fc.oneof(text, fc.jsonValue(), fc.array(fc.dictionary(fc.constantFrom("body", "identity"), text))),
    );
    const seeds = fc.dictionary(
      fc.constantFrom(...keys),
      fc.oneof(fc.jsonValue(), fc.array(inner, { maxLength: 3 })),
    );
    await fc.assert(
      fc.asyncProperty(seeds, async (seed) => {
        const { status } = await fixture.current.control("POST", "/reset", seed);
        expect([200, 400]).toContain(status);
      }),
    );
  });

  it("fills a data directory once", async () => {
    const data = temporaryDirectory();
    const first = await startEmulator({ data, contents: { users: [{ identity: "seeded" }] } });
    await first.close();
    const second = await startEmulator({ data, contents: { users: [{ identity: "late" }] } });
    const Authorization = `Basic ${Buffer.from(`${second.accountSid}:${second.authToken}`).toString("base64")}`;
    const response = await fetch(`${second.url}/v1/Users`, { headers: { Authorization } });
    const { users } = (await response.json()) as { users: { identity: string }[] };
    await second.close();
    expect(users.map(({ identity }) => identity)).toEqual(["seeded"]);
  });

  it("comes from a file that the command names, and a mistake ends it with one line", async () => {
    const { ready } = runMain("--seed", exampleFile);
    expect(await ready).toMatchObject({ url: expect.any(String) });
    const missing = join(temporaryDirectory(), "missing.json");
    expect(await runMain("--seed", missing).exit).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(`--seed: there is no file ${missing}`),
    });
    const { code, stderr } = await runMain("--seed", fileURLToPath(import.meta.url)).exit;
    expect({ code, lines: stderr.trim().split("\n").length }).toEqual({ code: 2, lines: 2 });
  });
});
