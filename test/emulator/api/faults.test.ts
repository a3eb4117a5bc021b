import { describe, expect, it } from "vitest";
import { rejection, useAccount } from "../support/emulator.ts";

const fixture = useAccount();
const createMessage = { operation: "POST /v1/Conversations/{ConversationSid}/Messages" };

/** Why a call of the official client got no answer at all. */
async function lost(call: Promise<unknown>): Promise<string> {
  const error: unknown = await call.then(
    () => new Error("It was answered"),
    (reason: unknown) => reason,
  );
  return error instanceof Error && "code" in error ? String(error.code) : String(error);
}

describe("a request that a fault", () => {
  it("fails is refused with its status, code and message, and was not done", async () => {
    const account = fixture.current;
    const conversation = await account.conversation();
    await account.fault({
      on: "request",
      match: createMessage,
      effect: "fail",
      status: 503,
      message: "Maintenance",
    });
    const call = conversation.messages.create({ body: "Hello" });
    await expect(call).rejects.toMatchObject({ status: 503, code: 20503, message: "Maintenance" });
    await account.control("DELETE", "/faults");
    expect(await conversation.messages.list()).toEqual([]);
  });

  it("fails after it was done is refused, and was done", async () => {
    const account = fixture.current;
    const conversation = await account.conversation();
    await account.fault({ on: "request", match: createMessage, effect: "fail", status: 500, when: "after" });
    expect(await rejection(conversation.messages.create({ body: "Hello" }))).toBe("500/20500");
    expect(await conversation.messages.list()).toMatchObject([{ body: "Hello" }]);
  });

  it("fails looks like any other that Twilio refuses", async () => {
    const account = fixture.current;
    await account.fault({ on: "request", effect: "fail", status: 429, times: 2 });
    const { status, headers, body } = await account.rest("GET", "/v1/Conversations");
    expect(status).toBe(429);
    expect(headers.get("Retry-After")).toBe("1");
    expect(headers.get("Twilio-Request-Id")).toMatch(/^RQ[0-9a-f]{32}$/);
    const more_info = "https://www.twilio.com/docs/errors/20429";
    expect(body).toEqual({ code: 20429, message: "Too Many Requests", more_info, status: 429 });
    await account.fault({ on: "request", effect: "fail", status: 429, code: 20430, retryAfter: 7 });
    await account.rest("GET", "/v1/Conversations");
    const later = await account.rest("GET", "/v1/Conversations");
    expect([later.headers.get("Retry-After"), later.body.code]).toEqual(["7", 20430]);
  });

  it("drops has its connection cut, and was not done", async () => {
    const account = fixture.current;
    const conversation = await account.conversation();
    await account.fault({ on: "request", match: createMessage, effect: "drop" });
    expect(await lost(conversation.messages.create({ body: "Hello" }))).toBe("ECONNRESET");
    expect(await conversation.messages.list()).toEqual([]);
  });

  it("drops after it was done loses the answer, and not the effect", async () => {
    const account = fixture.current;
    const conversation = await account.conversation();
    await account.fault({ on: "request", match: createMessage, effect: "drop", when: "after" });
    expect(await lost(conversation.messages.create({ body: "Hello" }))).toBe("ECONNRESET");
    expect(await conversation.messages.list()).toMatchObject([{ body: "Hello" }]);
  });

  it("delays is answered when the clock is there, and done only then", async () => {
    const account = fixture.current;
    const conversation = await account.conversation();
    await account.fault({ on: "request", match: createMessage, effect: "delay", duration: "PT1H" });
    const call = conversation.messages.create({ body: "Hello" });
    await expect.poll(() => account.injections()).toHaveLength(1);
    await account.emulator.settle();
    expect(await conversation.messages.list()).toEqual([]);
    await account.control("POST", "/clock/advance", { duration: "PT1H" });
    expect(await conversation.messages.list()).toHaveLength(1);
    expect(await call).toMatchObject({ body: "Hello", dateCreated: new Date("2026-01-05T11:00:00Z") });
  });

  it("delays is answered in real time when the clock is not advanced", async () => {
    const account = fixture.current;
    await account.fault({ on: "request", match: { method: "POST" }, effect: "delay", duration: "PT1S" });
    const { dateCreated } = await account.conversations.create();
    expect(dateCreated).toEqual(new Date("2026-01-05T10:00:00Z"));
    expect(await account.injections()).toHaveLength(1);
  });

  it("delays after its effect takes effect immediately, and is answered when the fault is removed", async () => {
    const account = fixture.current;
    const conversation = await account.conversation();
    const rule = { on: "request", match: createMessage, effect: "delay", duration: "PT1H", when: "after" };
    const id = await account.fault(rule);
    const call = conversation.messages.create({ body: "Hello" });
    await expect.poll(() => conversation.messages.list()).toHaveLength(1);
    await account.control("DELETE", `/faults/${id}`);
    expect(await call).toMatchObject({ body: "Hello" });
  });

  it("hangs is never answered, and nothing waits for it", async () => {
    const account = fixture.current;
    const conversation = await account.conversation();
    await account.fault({ on: "request", match: createMessage, effect: "hang", when: "after" });
    let end = "none";
    const call = lost(conversation.messages.create({ body: "Hello" })).then((reason) => {
      end = reason;
    });
    await expect.poll(() => conversation.messages.list()).toHaveLength(1);
    await account.control("POST", "/settle");
    await account.control("POST", "/clock/advance", { duration: "P1D" });
    expect(end).toBe("none");
    await account.control("POST", "/reset");
    await call;
    expect(end).toBe("ECONNRESET");
  });

  it("hangs leaves a client that goes alone", async () => {
    const account = fixture.current;
    await account.fault({ on: "request", effect: "hang", times: 1 });
    const abort = new AbortController();
    const call = fetch(`${account.emulator.url}/v1/Conversations`, { signal: abort.signal });
    await expect.poll(() => account.injections()).toHaveLength(1);
    abort.abort();
    await expect(call).rejects.toThrow(/aborted/);
    expect((await account.control("DELETE", "/faults")).body).toEqual({ removed: 1 });
    expect(await account.conversations.list()).toEqual([]);
  });
});

describe("a fault of requests", () => {
  const fail = { on: "request", effect: "fail", status: 500 };

  it("matches by operation, also where a service is named", async () => {
    const account = fixture.current;
    await account.fault({ ...fail, match: { operation: "POST /v1/Conversations" } });
    const { chatServiceSid } = account.emulator;
    const { conversations } = account.client.conversations.v1.services(chatServiceSid);
    expect(await rejection(account.conversations.create())).toBe("500/20500");
    expect(await rejection(conversations.create())).toBe("500/20500");
    expect(await conversations.list()).toEqual([]);
    expect(await rejection(account.client.conversations.v1.users("nobody").fetch())).toBe("404/20404");
  });

  it("matches by an operation of services alone", async () => {
    const account = fixture.current;
    await account.fault({
      ...fail,
      match: { operation: "POST /v1/Services/{ChatServiceSid}/Conversations" },
    });
    const { conversations } = account.client.conversations.v1.services(account.emulator.chatServiceSid);
    expect(await rejection(conversations.create())).toBe("500/20500");
    expect((await account.conversations.create()).sid).toMatch(/^CH/);
  });

  it("matches by method and path, with * for any text", async () => {
    const account = fixture.current;
    const { sid } = await account.conversations.create();
    await account.fault({ ...fail, match: { method: "DELETE", path: "/v1/Conversations/*" } });
    expect(await rejection(account.conversations(sid).remove())).toBe("500/20500");
    expect((await account.conversations(sid).fetch()).sid).toBe(sid);
  });

  it("matches by conversation, by SID or unique name", async () => {
    const account = fixture.current;
    const { sid } = await account.conversations.create({ uniqueName: "order-1" });
    const other = await account.conversations.create();
    await account.fault({ ...fail, match: { conversation: sid } });
    expect(await rejection(account.conversations(sid).fetch())).toBe("500/20500");
    expect(await rejection(account.conversations("order-1").messages.create({ body: "Hello" }))).toBe(
      "500/20500",
    );
    expect(await account.conversations(other.sid).fetch()).toMatchObject({ uniqueName: null });
  });

  it("matches by an address, and by parameters", async () => {
    const account = fixture.current;
    const { participants, messages } = await account.conversation();
    const person = (address: string) => ({
      "messagingBinding.address": address,
      "messagingBinding.proxyAddress": account.emulator.smsNumber,
    });
    await account.fault({ ...fail, match: { address: "+15558675310" } });
    await account.fault({ ...fail, match: { parameters: { Body: "*secret*", Author: "alice" } } });
    expect(await rejection(participants.create(person("+15558675310")))).toBe("500/20500");
    expect(await participants.create(person("+15558675311"))).toMatchObject({ identity: null });
    expect(await rejection(messages.create({ body: "a secret!", author: "alice" }))).toBe("500/20500");
    expect(await messages.create({ body: "a secret!", author: "bob" })).toMatchObject({ author: "bob" });
  });

  it("is injected into any request, also without credentials or to an unknown path", async () => {
    const account = fixture.current;
    await account.fault({ ...fail, match: { path: "/v1/Nothing" } });
    expect((await fetch(`${account.emulator.url}/v1/Nothing`)).status).toBe(500);
    expect((await fetch(`${account.emulator.url}/v1/Conversations`)).status).toBe(401);
  });
});
