import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as sdk from "@twilio/conversations";
import { afterEach, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { startEmulator } from "../../../emulator/emulator.ts";
import { startTime, TestAccount, useAccount } from "../support/emulator.ts";
import { RawSdk } from "../support/raw-sdk.ts";
import { accessToken, nodeContext, socketUrl } from "../support/sdk.ts";

const fixture = useAccount();
const opened: RawSdk[] = [];
afterEach(() => {
  for (const client of opened.splice(0)) client.close();
});

async function open(identity?: string, account = fixture.current): Promise<RawSdk> {
  const client = await RawSdk.open(account, identity);
  opened.push(client);
  return client;
}

/** A conversation with a member and a message, and the SIDs of its objects. */
async function room(account: TestAccount, identity: string) {
  const { sid } = await account.conversations.create();
  const conversation = account.conversations(sid);
  await conversation.participants.create({ identity });
  await conversation.messages.create({ body: "secret" });
  const hex = sid.slice(2);
  return { sid, conversation, document: `ET${hex}`, messages: `ES${hex}`, roster: `MP${hex}` };
}

describe("the socket", () => {
  it("is at /v3/wsconnect only", async () => {
    const socket = new WebSocket(socketUrl(fixture.current).replace("/v3/wsconnect", "/v3/other"));
    const [error] = await once(socket, "error");
    expect(String(error)).toContain("404");
  });

  it("answers only the sign-in of a client that is not signed in", async () => {
    const client = await open();
    expect(await client.ask("GET", "/Client/v2/Configuration")).toEqual([401, undefined]);
  });

  it("logs that a version of the SDK with another protocol is not supported", async () => {
    const lines: string[] = [];
    const log = (line: string) => lines.push(line);
    const account = new TestAccount(await startEmulator({ clock: "manual", startTime, log }));
    const client = await open(undefined, account);
    for (const sdkv of ["1.2.0", "2.1.0"])
      await client.exchange({
        method: "init",
        token: await accessToken(account, "alice"),
        metadata: { sdkv },
      });
    expect(lines).toEqual([expect.stringContaining("@twilio/conversations 1.2.0 is not supported")]);
    await account.close();
  });

  it("stays open after invalid packets, and answers invalid requests with Twilio's errors", async () => {
    const client = await open("alice");
    for (const bytes of ["", "TWILSOCK V3.0 9\r\n{}", "TWILSOCK V3.0 5\r\n[1,2]\r\n", "\0\xff"])
      client.socket.send(Buffer.from(bytes, "latin1"));
    client.socket.send("text");
    expect(await client.ask("GET", "/Client/v2/Nothing")).toMatchObject([404, { code: 20404 }]);
    expect(await client.ask("DELETE", "/Client/v2/Configuration")).toMatchObject([405, { code: 20004 }]);
    expect(await client.ask("POST", "/Client/v2/Conversations", { friendly_name: 1 })).toMatchObject([
      400,
      { code: 20422 },
    ]);
    expect(await client.ask("POST", "/v4/Subscriptions", { action: "x" })).toMatchObject([
      400,
      { code: 20422 },
    ]);
    expect(await client.ask("POST", "/Client/v2/Users/__proto__", {})).toMatchObject([404, { code: 20404 }]);
  });

  it("returns the errors of modifications by a pre-action webhook, and of channels that are not emulated", async () => {
    const account = fixture.current;
    const client = await open("alice");
    const [, made] = await client.ask("POST", "/Client/v2/Conversations", {});
    const path = `/Client/v2/Conversations/${(made as { readonly sid: string }).sid}`;
    await client.ask("POST", `${path}/Participants`, { identity: "alice" });
    const binding = { type: "apple", address: "apple:urn:mbid:person", proxy_address: "apple:agent" };
    expect(await client.ask("POST", `${path}/Participants`, { messaging_binding: binding })).toMatchObject([
      501,
      { code: 20501 },
    ]);
    const { url } = await account.receiver((_request, response) => response.end('{"body":7}'));
    await account.client.conversations.v1.configuration.webhooks().update({ preWebhookUrl: url });
    expect(await client.ask("POST", `${path}/Messages`, { body: "hello" })).toMatchObject([
      400,
      { code: 20422, message: "Invalid Parameter: body" },
    ]);
  });

  it("is refused when there are too many new ones in a second, while rates are limited", async () => {
    const limited = new TestAccount(await startEmulator({ clock: "manual", startTime, rateLimits: true }));
    for (let i = 0; i < 110; i += 1) await open(undefined, limited);
    const socket = new WebSocket(socketUrl(limited));
    const [error] = await once(socket, "error");
    expect(String(error)).toContain("429");
    await limited.emulator.advance(1000);
    const client = await open("alice", limited);
    const made = Array.from({ length: 31 }, () => client.ask("POST", "/Client/v2/Conversations", {}));
    const statuses = (await Promise.all(made)).map(([status]) => status);
    expect(statuses.filter((status) => status === 429)).toHaveLength(1);
    await limited.close();
  });
});

describe("a token that has expired", () => {
  it("is announced, and requests are rejected until it is replaced", async () => {
    const account = fixture.current;
    const client = await open();
    await client.signIn(await accessToken(account, "alice", 60));
    await account.control("POST", "/clock/advance", { duration: "PT1M" });
    const { header } = await client.find(({ method }) => method === "close");
    expect(header.get("status")).toMatchObject({ code: 410, errorCode: 20104 });
    expect(await client.ask("GET", "/Client/v2/Configuration")).toEqual([401, undefined]);
    const late = await client.exchange({ method: "update", token: await accessToken(account, "alice") });
    expect(late.header.get("status")).toMatchObject({ code: 401 });
    await client.signIn(await accessToken(account, "alice"));
    expect((await client.ask("GET", "/Client/v2/Configuration"))[0]).toBe(200);
  });
});

describe("a user who is not a member", () => {
  it("cannot read a conversation", async () => {
    const account = fixture.current;
    const { sid, conversation, document, messages, roster } = await room(account, "alice");
    const [message] = await conversation.messages.list();
    const roles = await account.client.conversations.v1.roles.list();
    const role = roles.find(({ friendlyName }) => friendlyName === "service user");
    await account.client.conversations.v1
      .roles(String(role?.sid))
      .update({ permission: ["editOwnUserInfo"] });
    const mallory = await open("mallory");
    const own = `/Client/v2/Conversations/${sid}`;
    for (const path of [
      own,
      `/Client/v2/MyConversations/${sid}`,
      `${own}/Messages/${message?.sid}/Receipts`,
      `${own}/MessageRecipients`,
      `/v3/Documents/${document}`,
      `/v3/Lists/${messages}`,
      `/v3/Lists/${messages}/Items`,
      `/v3/Maps/${roster}`,
      `/v3/Maps/${roster}/Items`,
    ])
      expect(await mallory.ask("GET", path), path).toMatchObject([403, { code: 50430 }]);
    const alice = await account.client.conversations.v1.users("alice").fetch();
    const theirs = `MP${alice.sid.slice(18)}${alice.sid.slice(2, 18)}`;
    expect(await mallory.ask("GET", `/v3/Maps/${theirs}/Items`)).toMatchObject([403, { code: 50107 }]);
    const requests = [
      { object_sid: messages, object_type: "list", last_event_id: 0 },
      { object_sid: roster, object_type: "map", last_event_id: 0 },
    ];
    await mallory.ask("POST", "/v4/Subscriptions", { action: "establish", correlation_id: 1, requests });
    await conversation.messages.create({ body: "more secrets" });
    await mallory.ask("GET", "/Client/v2/Configuration");
    const heard = mallory.received.map(({ payload }) => payload.toString("utf8")).join();
    expect(heard.match(/subscription_failed/g)).toHaveLength(2);
    expect(heard).not.toContain("secret");
  });
});

describe("a change that arrives twice with one mutation ID", () => {
  it("is made once, and the second answer names what was made", async () => {
    const account = fixture.current;
    const [alice, bob] = [await open("alice"), await open("bob")];
    const headers = { "X-Twilio-Mutation-Id": "6e0ae1b8-0000-4000-8000-000000000001" };
    const path = "/Client/v2/Conversations";
    const make = (client: RawSdk) => client.ask("POST", path, { friendly_name: "Lunch" }, headers);
    const [[, made], again] = await Promise.all([make(alice), make(alice)]);
    expect(again).toEqual([202, { resource_url: (made as { url: string }).url }]);
    expect((await make(bob))[0]).toBe(201);
    expect(await account.conversations.list()).toHaveLength(2);

    const { sid, conversation } = await room(account, "alice");
    const send = () =>
      alice.ask("POST", `${path}/${sid}/Messages`, { body: "once" }, { "x-twilio-mutation-id": "2" });
    expect((await send())[0]).toBe(201);
    const [, { resource_url }] = (await send()) as [number, { resource_url: string }];
    expect(await alice.ask("GET", new URL(resource_url).pathname)).toMatchObject([200, { index: 1 }]);
    const [, message] = await conversation.messages.list();
    const remove = () =>
      alice.ask("DELETE", `${path}/${sid}/Messages/${message?.sid}`, undefined, {
        "X-Twilio-Mutation-Id": "3",
      });
    expect([await remove(), await remove()]).toEqual([
      [204, undefined],
      [204, undefined],
    ]);
  });

  it("is made when it had failed before", async () => {
    const account = fixture.current;
    const alice = await open("alice");
    const { sid, conversation } = await room(account, "alice");
    const headers = { "X-Twilio-Mutation-Id": "4" };
    const join = () =>
      alice.ask("POST", `/Client/v2/Conversations/${sid}/Participants`, { identity: "alice" }, headers);
    expect((await join())[0]).toBe(409);
    await conversation.participants("alice").remove();
    expect((await join())[0]).toBe(201);
    const [, { resource_url }] = (await join()) as [number, { resource_url: string }];
    expect(await alice.ask("GET", new URL(resource_url).pathname)).toMatchObject([
      200,
      { identity: "alice" },
    ]);
  });
});

describe("the history of an object", () => {
  it("continues after a restart, and after a kill", async () => {
    const data = mkdtempSync(join(tmpdir(), "emulator-"));
    const options = { clock: "manual", startTime, data } as const;
    let account = new TestAccount(await startEmulator(options));
    const { conversation, messages, sid } = await room(account, "alice");
    const before = await open("alice", account);
    const [, list] = await before.ask("GET", `/v3/Lists/${messages}`);
    const seen = (list as { last_event_id: number }).last_event_id;
    await conversation.messages.create({ body: "one more" });
    await account.close();
    account = new TestAccount(await startEmulator(options));
    await account.conversations(sid).messages.create({ body: "and another" });
    const after = await open("alice", account);
    const requests = [{ object_sid: messages, object_type: "list", last_event_id: seen }];
    await after.ask("POST", "/v4/Subscriptions", { action: "establish", correlation_id: 7, requests });
    await after.find(({ payload }) => payload.includes("subscription_established"));
    const replayed = after.received.flatMap(({ payload }) => {
      const { event_type, event } = JSON.parse(payload.toString("utf8") || "{}");
      return event_type === "list_item_added" ? [[event.item_data.text, event.id - seen]] : [];
    });
    expect(replayed).toEqual([
      ["one more", 1],
      ["and another", 2],
    ]);
    await account.close();
    rmSync(data, { recursive: true, force: true });
  });

  it("never moves backwards at a reset, or when an earlier state is restored", async () => {
    const account = fixture.current;
    const { sid } = await room(account, "alice");
    const { body: earlier } = await account.control("GET", "/snapshot");
    const last = async () => {
      const client = await open("alice");
      const [, document] = await client.ask("GET", `/v3/Documents/ET${sid.slice(2)}`);
      return (document as { last_event_id: number }).last_event_id;
    };
    const first = await last();
    await account.conversations(sid).update({ friendlyName: "later" });
    const second = await last();
    expect(second).toBe(first + 1);
    await account.control("POST", "/restore", earlier);
    expect(await last()).toBeGreaterThan(second);
  });

  it("requires new connections after a reset", async () => {
    const client = await open("alice");
    const closed = once(client.socket, "close");
    await fixture.current.control("POST", "/reset");
    await closed;
    expect((await fixture.current.control("GET", "/sessions")).body).toEqual({ sessions: [] });
  });
});

describe("a client that does not read", () => {
  it("is disconnected when too many bytes are buffered for it", async () => {
    const account = fixture.current;
    const { conversation, messages } = await room(account, "alice");
    const client = await open("alice");
    await client.ask("GET", `/v3/Lists/${messages}`);
    const requests = [{ object_sid: messages, object_type: "list", last_event_id: null }];
    await client.ask("POST", "/v4/Subscriptions", { action: "establish", correlation_id: 1, requests });
    client.socket.pause();
    const body = "x".repeat(32 * 1024);
    for (let i = 0; i < 1000; i += 1) {
      await conversation.messages.create({ body });
      const { body: state } = await account.control("GET", "/sessions");
      if ((state.sessions as unknown[]).length === 0) return;
    }
    throw new Error("It was not cut off");
  });
});

describe("a fault", () => {
  it("is injected into requests of the SDK", async () => {
    const account = fixture.current;
    const client = await open("alice");
    const make = () => client.ask("POST", "/Client/v2/Conversations", { friendly_name: "x" });
    const on = "sdkRequest";
    const match = { method: "POST", path: "/Client/v2/Conversations", identity: "alice" };
    await account.fault({ on, match, effect: "fail", status: 429, times: 1 });
    expect(await make()).toMatchObject([429, { code: 20429 }]);
    const id = await account.fault({ on, match, effect: "delay", duration: "PT1H", times: 1 });
    const late = make();
    await account.control("DELETE", `/faults/${id}`);
    expect(await late).toMatchObject([201, {}]);
    await account.fault({ on, match, effect: "drop", when: "after", times: 1 });
    const closed = once(client.socket, "close");
    void make();
    await closed;
    expect(await account.conversations.list()).toHaveLength(2);
  });

  it("is injected into notifications, which the SDK receives after it has reconnected", async () => {
    const account = fixture.current;
    const { context, close } = nodeContext(account, sdk);
    const alice = await context.signIn("alice");
    const joined = new Promise<sdk.Conversation>((resolve) => alice.on("conversationJoined", resolve));
    const { conversation } = await room(account, "alice");
    await (await joined).getMessages();
    const heard: (string | null)[] = [];
    alice.on("messageAdded", ({ body }) => heard.push(body));
    // What was sent before the subscription is not sent as a frame of its own.
    await conversation.messages.create({ body: "subscribed" });
    await expect.poll(() => heard).toEqual(["subscribed"]);
    const match = { identity: "alice", messageType: "com.twilio.rtd.cds.list" };
    await account.fault({ on: "frame", match, effect: "drop", times: 1 });
    await conversation.messages.create({ body: "lost" });
    await account.fault({ on: "frame", match, effect: "cut", times: 1 });
    await conversation.messages.create({ body: "cut" });
    await expect.poll(() => heard).toEqual(["subscribed", "lost", "cut"]);
    await close();
  });

  it("refuses connections", async () => {
    const account = fixture.current;
    await account.fault({ on: "connection", effect: "refuse", status: 503, times: 1 });
    const socket = new WebSocket(socketUrl(account));
    const [error] = await once(socket, "error");
    expect(String(error)).toContain("503");
    expect((await (await open()).signIn(await accessToken(account, "alice"))).header.get("status")).toEqual({
      code: 200,
      status: "OK",
    });
  });
});
