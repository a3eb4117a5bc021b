import { createHmac } from "node:crypto";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { startReceiver } from "../../../emulator/support/receiver.ts";
import { platforms } from "../../../support/platforms.ts";
import { handled, linesOf, listen, sendEvent } from "../../../support/post-event.ts";
import { type System, useSystem } from "../../../support/system.ts";

const PERSON = "+15558675310";
const SECRET = "a secret that the receiver has, too";

/** The answers of the company's routing hook, in turn. */
const answers: { readonly status: number; readonly body: string }[] = [];
const router = await startReceiver((_request, response) => {
  const { status, body } = answers.shift() ?? { status: 200, body: '{"identity":"dora"}' };
  response.writeHead(status, { "content-type": "application/json" }).end(body);
});
beforeEach(() => {
  router.received.length = 0;
  answers.length = 0;
});
afterAll(() => router.close());

async function newConversation(system: System) {
  await listen(system);
  const conversation = await system.account.conversation({
    friendlyName: "A parcel",
    xTwilioWebhookEnabled: "true",
  });
  await system.settle();
  return conversation;
}

describe.each(platforms)("webhooks/post-event on $name, with a routing hook", (platform) => {
  const system = useSystem(platform, {
    POST_EVENT_REACTIONS: JSON.stringify({ newConversation: { agent: { hookUrl: `${router.url}/route` } } }),
    HOOK_SECRET: SECRET,
  });
  const agentsOf = async (conversation: Awaited<ReturnType<typeof newConversation>>) =>
    (await conversation.participants.list()).map(({ identity }) => identity);

  it("adds the agent whom the hook names, and sends it the author and the message", async () => {
    const conversation = await newConversation(system.current);
    const { sid } = await conversation.fetch();
    expect(await agentsOf(conversation)).toEqual(["dora"]);
    const [request] = router.received;
    const { headers = {}, body = "" } = request ?? {};
    expect(request?.url).toBe("/route");
    expect(JSON.parse(body)).toMatchObject({ ConversationSid: sid, FriendlyName: "A parcel", Source: "API" });
    const content = `${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${body}`;
    const signature = createHmac("sha256", SECRET).update(content).digest("base64");
    expect(headers["webhook-signature"]).toBe(`v1,${signature}`);
  });

  it("adds no other agent when the event is delivered again and the hook's answer has changed", async () => {
    const conversation = await newConversation(system.current);
    const { sid } = await conversation.fetch();
    answers.push({ status: 200, body: '{"identity":"emil"}' });
    await sendEvent(system.current, { EventType: "onConversationAdded", ConversationSid: sid });
    expect(await agentsOf(conversation)).toEqual(["dora"]);
  });

  it("adds no agent when the hook returns none", async () => {
    answers.push({ status: 200, body: '{"identity":null}' });
    expect(await agentsOf(await newConversation(system.current))).toEqual([]);
  });

  it.each([
    ["an error", { status: 500, body: "" }],
    ["no JSON", { status: 200, body: "dora" }],
    ["no identity", { status: 200, body: '{"identity":7}' }],
  ])("logs when the hook answers with %s, and retries on Lambda", async (_what, answer) => {
    answers.push(answer);
    const log = system.current.logFromHere();
    const conversation = await newConversation(system.current);
    await expect
      .poll(() => linesOf(log(), "reaction_failed"))
      .toMatchObject([{ level: "error", reaction: "agent" }]);
    const isQueued = system.current.deployment.queue !== undefined;
    expect(await agentsOf(conversation)).toEqual(isQueued ? ["dora"] : []);
    expect(log()).not.toContain(SECRET);
  });

  it("assigns the agent to the projected address of a group text, and ignores a closed conversation", async () => {
    const { account } = system.current;
    const { smsNumber } = account.emulator;
    const group = await account.conversation();
    await group.participants.create({ "messagingBinding.projectedAddress": smsNumber });
    await group.participants.create({ "messagingBinding.address": PERSON });
    const over = await account.conversation();
    await over.update({ state: "closed" });
    const log = system.current.logFromHere();
    for (const { sid } of [await group.fetch(), await over.fetch()]) {
      await sendEvent(system.current, { EventType: "onConversationAdded", ConversationSid: sid });
    }
    await expect.poll(() => handled(log()).map(({ agent }) => agent)).toEqual(["added", "too_late"]);
    const holders = (await group.participants.list()).filter(({ identity }) => identity === "dora");
    expect(holders.map(({ messagingBinding }) => messagingBinding.projected_address)).toEqual([smsNumber]);
  });
});

describe.each(platforms)("webhooks/post-event on $name, attaching a bot", (platform) => {
  const newConversationSettings = { responder: { botUrl: `${router.url}/bot` } };
  const system = useSystem(platform, {
    POST_EVENT_REACTIONS: JSON.stringify({ newConversation: newConversationSettings }),
  });

  it("delivers earlier and later messages to the bot", async () => {
    const { account } = system.current;
    const { smsNumber } = account.emulator;
    const conversation = await account.conversation();
    await conversation.participants.create({
      "messagingBinding.address": PERSON,
      "messagingBinding.proxyAddress": smsNumber,
    });
    await account.send(PERSON, smsNumber, "Hello?");
    const { sid } = await conversation.fetch();
    const event = { EventType: "onConversationAdded", ConversationSid: sid, Source: "SMS" };
    await sendEvent(system.current, event);
    await sendEvent(system.current, event);
    await account.send(PERSON, smsNumber, "Anybody?");
    expect(router.values("Body")).toEqual(["Hello?", "Anybody?"]);
  });
});

describe.each(platforms)("webhooks/post-event on $name, for inactive conversations", (platform) => {
  const system = useSystem(platform, { POST_EVENT_REACTIONS: JSON.stringify({ whenInactive: "free" }) });

  it("removes the people on phones, which frees their numbers, and keeps the chat users", async () => {
    const { account } = system.current;
    const pair = {
      "messagingBinding.address": PERSON,
      "messagingBinding.proxyAddress": account.emulator.smsNumber,
    };
    await listen(system.current);
    const conversation = await account.conversation({ "timers.inactive": "PT1M" });
    await conversation.participants.create(pair);
    await conversation.participants.create({ identity: "agent" });
    await account.control("POST", "/clock/advance", { duration: "PT2M" });
    await system.current.settle();
    expect((await conversation.participants.list()).map(({ identity }) => identity)).toEqual(["agent"]);
    expect((await conversation.fetch()).state).toBe("inactive");
    await (await account.conversation()).participants.create(pair);
  });

  it("ignores a conversation that was active again before the event arrived", async () => {
    const { account } = system.current;
    const conversation = await account.conversation();
    await conversation.participants.create({
      "messagingBinding.address": PERSON,
      "messagingBinding.proxyAddress": account.emulator.smsNumber,
    });
    const { sid } = await conversation.fetch();
    const event = { EventType: "onConversationStateUpdated", ConversationSid: sid, StateFrom: "active" };
    expect(await sendEvent(system.current, { ...event, StateTo: "inactive" })).toBe(200);
    expect(await conversation.participants.list()).toHaveLength(1);
  });
});
