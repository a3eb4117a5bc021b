import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { pair } from "../../emulator/support/outbound.ts";
import { startReceiver } from "../../emulator/support/receiver.ts";
import { platforms } from "../../support/platforms.ts";
import { listen } from "../../support/post-event.ts";
import { step } from "../../support/steps.ts";
import { useSystem } from "../../support/system.ts";

const CUSTOMER = "+15558675310";
const SECOND = 1000;

/** The company's archive. */
const archive = await startReceiver();
beforeEach(() => {
  archive.received.length = 0;
});
afterAll(() => archive.close());

/** The contents of the archive: conversation and texts. */
const archived = () =>
  archive.received.map(({ method, url, body }) => {
    const records = body.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line)]));
    const said = records.filter(({ kind }) => kind === "message").map((message) => message.body);
    return { method, conversation: /^\/(CH\w+)\.ndjson$/.exec(url)?.[1], said };
  });

/** The guide "Using States and Timers in Conversations", with the endpoints before and after the timers. */
describe.each(platforms)("States and Timers in Conversations, through the bundles on $name", (platform) => {
  const system = useSystem(platform, {
    POST_EVENT_REACTIONS: JSON.stringify({ whenInactive: "free", archive: { url: archive.url } }),
    HOOK_SECRET: "a secret that the archive has, too",
  });
  const call = (path: string, input: object) => step(system.current, path, input);
  const stateOf = async (sid: string) => (await system.current.account.conversations(sid).fetch()).state;

  async function advance(seconds: number): Promise<void> {
    await system.current.account.emulator.advance(seconds * SECOND);
    await system.current.settle();
  }

  /** A conversation of the customer and an agent, with the company's webhook. */
  async function begin(): Promise<string> {
    const { account } = system.current;
    await listen(system.current);
    const { sid: conversationSid } = await account.conversations.create();
    const customer = { conversationSid, address: CUSTOMER, proxyAddress: account.emulator.smsNumber };
    expect((await call("/conversations/add-participant", customer)).status).toBe(201);
    await call("/conversations/add-participant", { conversationSid, identity: "agent" });
    return conversationSid;
  }

  it("Scenario #1: both timers are configured; inactivity frees the pair, and closing archives", async () => {
    const { account } = system.current;
    const conversationSid = await begin();
    const timers = { conversationSid, inactive: "300 seconds", closed: "PT30000S" };
    const { status, dateInactive, dateClosed } = (await call("/conversations/set-timers", timers)).body;
    expect(status).toBe("active");
    expect(Date.parse(String(dateClosed)) - Date.parse(String(dateInactive))).toBe(30_000 * SECOND);

    // "The state … will change if there has been no update": a message of the customer restarts the timer.
    await advance(299);
    await account.send(CUSTOMER, account.emulator.smsNumber, "Still there?");
    await advance(299);
    expect(await stateOf(conversationSid)).toBe("active");
    await advance(1);
    expect(await stateOf(conversationSid)).toBe("inactive");
    const { participants } = account.conversations(conversationSid);
    expect((await participants.list()).map(({ identity }) => identity)).toEqual(["agent"]);

    // The pair is free for another conversation, while the agent stays in the previous one.
    const next = await begin();
    await account.send(CUSTOMER, account.emulator.smsNumber, "Another question");
    const saidIn = async (sid: string) =>
      (await account.conversations(sid).messages.list()).map((message) => message.body);
    expect(await saidIn(next)).toEqual(["Another question"]);

    await advance(30_000);
    expect(await stateOf(conversationSid)).toBe("closed");
    expect(await stateOf(next)).toBe("active");
    expect(archived()).toEqual([{ method: "PUT", conversation: conversationSid, said: ["Still there?"] }]);
  });

  it("Scenario #3 and #4: one timer only, and 'off' disables it", async () => {
    const [long, short] = [await system.current.account.conversations.create(), { sid: await begin() }];
    await call("/conversations/set-timers", { conversationSid: long.sid, inactive: "10 minutes" });
    await call("/conversations/set-timers", { conversationSid: short.sid, closed: "30 days" });
    await advance(29 * 86_400);
    expect([await stateOf(long.sid), await stateOf(short.sid)]).toEqual(["inactive", "active"]);
    const off = await call("/conversations/set-timers", { conversationSid: short.sid, closed: "off" });
    expect(off.body).toMatchObject({ status: "active", dateInactive: null, dateClosed: null });
    await advance(365 * 86_400);
    expect([await stateOf(long.sid), await stateOf(short.sid)]).toEqual(["inactive", "active"]);
    expect(archived()).toEqual([]);
  });

  it("'The Conversation will automatically move from an inactive to active state when a new message arrives'", async () => {
    const conversationSid = await begin();
    await call("/conversations/set-timers", { conversationSid, inactive: "1 minute", closed: "10 minutes" });
    await advance(60);
    await call("/conversations/send", { conversationSid, author: "agent", body: "I have found out" });
    expect(await stateOf(conversationSid)).toBe("active");
    await advance(11 * 60);
    expect(archived()).toMatchObject([{ conversation: conversationSid, said: ["I have found out"] }]);
  });

  it("Closed Conversations: no participant can join, and a message from a phone creates a new one", async () => {
    const { account } = system.current;
    const { smsNumber } = account.emulator;
    await account.autocreate();
    const conversationSid = await begin();
    await call("/conversations/send", { conversationSid, author: "agent", body: "Glad I could help" });
    expect((await call("/conversations/close", { conversationSid })).body.changed).toBe(true);
    expect((await call("/conversations/close", { conversationSid })).body.changed).toBe(false);
    expect(archived()).toEqual([
      { method: "PUT", conversation: conversationSid, said: ["Glad I could help"] },
    ]);
    const supervisor = { conversationSid, identity: "supervisor" };
    for (const [path, input] of [
      ["/conversations/add-participant", supervisor],
      ["/conversations/send", { conversationSid, body: "One more thing" }],
      ["/conversations/set-timers", { conversationSid, closed: "10 minutes" }],
    ] as const) {
      expect(await call(path, input)).toMatchObject({ status: 409, body: { code: "conversation_closed" } });
    }

    // "A new Conversation will be auto-created with the Participant who initiated."
    const { conversationSid: newSid } = await account.send(CUSTOMER, smsNumber, "It happened again");
    expect(newSid).not.toBe(conversationSid);
    const reader = { sub: "service", scope: "conversations:read" };
    const who = { address: CUSTOMER, includeClosed: true };
    expect((await system.current.call("/conversations/find", who, reader)).body).toMatchObject({
      status: "found",
      conversationSid: newSid,
      open: 1,
    });
    // "There is no automatic addition of other Participants, so you should add them."
    await call("/conversations/add-participant", { conversationSid: newSid, identity: "agent" });
    await call("/conversations/send", { conversationSid: newSid, author: "agent", body: "Let me see" });
    expect((await system.current.received(CUSTOMER)).at(-1)).toBe("Let me see");
    const taken = (await account.conversation()).participants.create(pair(CUSTOMER, smsNumber));
    await expect(taken).rejects.toMatchObject({ code: 50416 });
  });
});
