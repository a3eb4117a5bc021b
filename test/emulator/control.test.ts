import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { describe, expect, it } from "vitest";
import { type TestAccount, useAccount } from "./support/emulator.ts";

const fixture = useAccount();
const phone = encodeURIComponent("+15558675310");

describe("the control API", () => {
  it("shows and moves the clock", async () => {
    const account = fixture.current;
    expect((await account.control("GET", "/clock")).body).toEqual({
      mode: "manual",
      now: "2026-01-05T10:00:00.000Z",
    });
    const advanced = await account.control("POST", "/clock/advance", { duration: "P1DT1H" });
    expect(advanced.body).toEqual({ mode: "manual", now: "2026-01-06T11:00:00.000Z" });
    const moved = await account.control("POST", "/clock", { now: "2026-02-01T00:00:00Z" });
    expect(moved.body).toEqual({ mode: "manual", now: "2026-02-01T00:00:00.000Z" });
    expect((await account.control("POST", "/clock", { mode: "real" })).body).toMatchObject({ mode: "real" });
  });

  it("lists and adds numbers, which can then be proxies", async () => {
    const account = fixture.current;
    const added = await account.control("POST", "/numbers", { address: "whatsapp:+15017122662" });
    const sid = expect.stringMatching(/^XE/);
    expect(added.status).toBe(201);
    expect(added.body).toEqual({ sid, address: "whatsapp:+15017122662", channel: "whatsapp", smsUrl: "" });
    const { body } = await account.control("GET", "/numbers");
    const addresses = (body.numbers as { address: string }[]).map(({ address }) => address);
    expect(addresses).toEqual([
      account.emulator.smsNumber,
      account.emulator.whatsappNumber,
      "whatsapp:+15017122662",
    ]);
  });

  it("lists the phones that have been used", async () => {
    const account = fixture.current;
    await account.send("+15558675310", account.emulator.smsNumber, "Hi");
    expect((await account.control("GET", "/phones")).body).toEqual({
      phones: [{ address: "+15558675310", state: "on", messages: 1, waiting: 0 }],
    });
    expect(await account.inbox("+15558675399")).toEqual([]);
  });

  it("begins again with the same SIDs, and with nothing of before", async () => {
    const account = fixture.current;
    const { sid } = await account.conversations.create({ uniqueName: "before" });
    await account.control("POST", "/clock/advance", { duration: "P1D" });
    expect((await account.control("POST", "/reset")).body).toEqual({ reset: true });
    expect(await account.conversations.list()).toEqual([]);
    expect((await account.control("GET", "/clock")).body).toMatchObject({ now: "2026-01-05T10:00:00.000Z" });
    expect((await account.conversations.create()).sid).toBe(sid);
  });

  it("lists events in order, with the times of the emulator's clock", async () => {
    const account = fixture.current;
    const conversation = await account.conversation();
    await conversation.participants.create({
      "messagingBinding.address": "+15558675310",
      "messagingBinding.proxyAddress": account.emulator.smsNumber,
    });
    await conversation.messages.create({ body: "Hello" });
    await account.emulator.settle();
    const timeline = (await account.control("GET", "/timeline")).body.timeline as Record<string, unknown>[];
    const rows = timeline.map(({ kind, type, status, method }) => [kind, type ?? method ?? status]);
    expect(rows).toEqual([
      ["event", "onConversationAdded"],
      ["request", "POST"],
      ["event", "onParticipantAdded"],
      ["request", "POST"],
      ["event", "onMessageAdded"],
      ["request", "POST"],
      ["event", "onDeliveryUpdated"],
      ["delivery", "delivered"],
      ["event", "onDeliveryUpdated"],
    ]);
    for (const { at } of timeline) expect(at).toBe("2026-01-05T10:00:00.000Z");
    expect(timeline[1]).toMatchObject({
      status: 201,
      durationMs: expect.any(Number),
      url: "/v1/Conversations",
    });
  });

  it.each([
    ["POST", "/clock", { mode: "slow" }, "mode"],
    ["POST", "/clock", { now: "tomorrow" }, "now"],
    ["POST", "/clock", { now: "2020-01-01T00:00:00Z" }, "now"],
    ["POST", "/clock", { speed: 2 }, "speed"],
    ["POST", "/clock/advance", {}, "duration"],
    ["POST", "/clock/advance", { duration: "P1M" }, "duration"],
    ["POST", "/clock/advance", { duration: 5 }, "duration"],
    ["POST", "/clock/advance", { duration: "PT1S", settle: "no" }, "settle"],
    ["POST", "/numbers", { address: "5017122661" }, "address"],
    ["POST", "/numbers", {}, "address"],
    ["POST", `/phones/${phone}/messages`, { body: "x" }, "to"],
    ["POST", `/phones/${phone}/messages`, { to: "+15550000000", body: "x" }, "to"],
    ["POST", `/phones/${phone}/messages`, { to: "whatsapp:+14155238886", body: "x" }, "to"],
    ["POST", `/phones/${phone}/messages`, { to: "+15017122661" }, "body"],
    ["POST", `/phones/${phone}/messages`, { to: "+15017122661", body: 7 }, "body"],
    ["POST", `/phones/${phone}/messages`, { to: "+15017122661", media: "http://x" }, "media"],
    ["POST", `/phones/${phone}/messages`, { to: "+15017122661", media: ["file:///etc/passwd"] }, "media"],
    ["POST", `/phones/${phone}/messages`, { to: "+15017122661", body: "x", button: "y" }, "button"],
    ["POST", `/phones/${phone}/messages`, { to: "+15017122661", button: "y" }, "button"],
    ["POST", "/phones/nobody/messages", { to: "+15017122661", body: "x" }, "address"],
    ["GET", "/phones/nobody/messages", undefined, "address"],
    ["POST", "/tokens", {}, "token"],
  ] as const)("%s %s %j is refused for the field %s", async (method, path, body, field) => {
    const answer = await fixture.current.control(method, path, body);
    expect(answer).toMatchObject({ status: 400, body: { field, error: expect.stringContaining(field) } });
  });

  it("refuses what is not JSON, not there, or not that method", async () => {
    const account = fixture.current;
    const raw = await fetch(`${account.emulator.controlUrl}/clock/advance`, { method: "POST", body: "{" });
    expect([raw.status, await raw.json()]).toEqual([400, { error: "The body is not valid JSON" }]);
    expect((await account.control("GET", "/nothing")).status).toBe(404);
    expect((await account.control("GET", "/settle")).status).toBe(405);
    expect(
      (await account.control("POST", `/content/HX${"0".repeat(32)}/approval`, { status: "approved" })).status,
    ).toBe(404);
    const contentSid = await account.template({ "twilio/text": { body: "x" } });
    const wrong = await account.control("POST", `/content/${contentSid}/approval`, { status: "maybe" });
    expect(wrong).toMatchObject({ status: 400, body: { field: "status" } });
  });
});

describe("a query of the control API", () => {
  it.each([
    ["/clock?mode=manual", "mode", "unknown parameter; the query has none here"],
    ["/conversations?pageSize=5", "pageSize", "unknown parameter; known are last, before"],
    ["/pushes?user=alice", "user", "unknown parameter; known are identity"],
    ["/webhooks?last=1&last=2", "last", "must be there once"],
  ])("is refused with what is wrong: %s", async (path, field, problem) => {
    const { status, body } = await fixture.current.control("GET", path);
    expect({ status, body }).toEqual({
      status: 400,
      body: { field, error: expect.stringContaining(problem) },
    });
  });

  it("may have anything for a page", async () => {
    expect((await fetch(`${fixture.current.emulator.url}/console?flow=FW1`)).status).toBe(200);
  });
});

describe("who may use the control API", () => {
  it.each([
    [{}, 200],
    [{ Host: "localhost:1" }, 200],
    [{ Host: "[::1]:1" }, 200],
    [{ Origin: "http://localhost:3000" }, 200],
    [{ Host: "emulator.example.com" }, 403],
    [{ Host: "127.0.0.1.example.com" }, 403],
    [{ Origin: "https://example.com" }, 403],
    [{ Origin: "null" }, 403],
    [{ Origin: "http://127.0.0.1.example.com" }, 403],
    [{ Host: "conversations.twilio.com" }, 401],
  ])("%j: %i", async (headers, status) => {
    expect(await statusOf(fixture.current, headers)).toBe(status);
  });

  it("gives web pages no permission to read its answers", async () => {
    const { headers } = await fixture.current.control("GET", "/clock");
    expect(headers.get("access-control-allow-origin")).toBeNull();
  });
});

/** The status of GET /_emulator/clock with headers that fetch would not send. */
function statusOf(account: TestAccount, headers: Record<string, string>): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      `${account.emulator.controlUrl}/clock`,
      { headers, agent: false },
      (response) => {
        response.resume();
        resolve(response.statusCode);
      },
    );
    outgoing.on("error", reject).end();
  });
}

describe("the body of a request", () => {
  it.each([
    ["/_emulator/restore", { origin: "https://evil.example" }, 403],
    ["/_emulator/restore", { host: "rebound.example" }, 403],
    ["/v1/Conversations", {}, 401],
    ["/v1/Conversations", { authorization: "Basic Og==" }, 401],
    [`/v1/Services/IS${"0".repeat(32)}/Media`, { "x-twilio-token": "no.such.token" }, 401],
  ])("is not waited for at %s with %j", async (path, headers, status) => {
    const { port } = new URL(fixture.current.emulator.url);
    const sent = request({ port, path, method: "POST", headers: { ...headers, "content-length": 1e8 } });
    sent.flushHeaders();
    const [response] = (await once(sent, "response")) as [IncomingMessage];
    expect(response.statusCode).toBe(status);
    sent.destroy();
  });
});
