import { describe, expect, it } from "vitest";
import { group } from "../../../core/group-mms/first-message.ts";
import {
  ADD_PARTICIPANT,
  ADD_WEBHOOK,
  ANSWER_LOST,
  ANY_REQUEST,
  CREATE_CONVERSATION,
  failed,
  LIST_PARTICIPANTS,
  type Limits,
  type Match,
  SEND_MESSAGE,
  TWICE_AT_ONCE,
} from "../../support/faults.ts";
import { awsLambda, platforms } from "../../support/platforms.ts";
import { handled, linesOf, listen, sendEvent } from "../../support/post-event.ts";
import { stateOf } from "../../support/state.ts";
import { QUICK, type System, useSystem } from "../../support/system.ts";

const PERSON = "+15558675310";
const FLOW = `FW${"0".repeat(32)}`;
const AGENTS = ["alice", "bob", "carol"];
const GREETING = "Welcome! Somebody will be with you shortly.";

/** Creates a conversation with a person on a phone; the emulator delivers its webhooks. */
async function begin(system: System) {
  const { account } = system;
  await listen(system);
  const { smsNumber } = account.emulator;
  const binding = { address: PERSON, proxy_address: smsNumber };
  const { sid } = await account.client.conversations.v1.conversationWithParticipants.create({
    participant: [JSON.stringify({ messaging_binding: binding })],
    xTwilioWebhookEnabled: "true",
  });
  await system.settle();
  // The locks were released.
  expect((await account.conversations.list()).map((one) => one.sid)).toEqual([sid]);
  return account.conversations(sid);
}

/** On Lambda the queue delivers events again. */
describe.each(platforms.filter((platform) => platform !== awsLambda))(
  "webhooks/post-event on $name, after a failure",
  (platform) => {
    const newConversation = { agent: { identity: "alice" }, welcome: GREETING, onlySources: ["SMS"] };
    const system = useSystem(platform, { POST_EVENT_REACTIONS: JSON.stringify({ newConversation }) }, QUICK);

    /** The person sends texts, the first one while requests fail. */
    async function write(match: Match, limits: Limits, ...texts: string[]) {
      const { account } = system.current;
      await account.autocreate({ "autoCreation.type": "default" });
      await listen(system.current);
      await system.current.inject(match, failed(), limits);
      for (const text of texts) {
        await account.send(PERSON, account.emulator.smsNumber, text);
        await system.current.settle();
        await system.current.clearFaults();
      }
      const [created, ...others] = await account.conversations.list();
      expect(others).toEqual([]);
      return account.conversations(created?.sid ?? "");
    }
    async function expectGreeted(conversation: Awaited<ReturnType<typeof write>>) {
      const identities = (await conversation.participants.list()).map(({ identity }) => identity);
      expect(identities).toEqual([null, "alice"]);
      expect(await system.current.received(PERSON)).toEqual([GREETING]);
      expect(await conversation.webhooks.list()).toEqual([]);
    }

    it("has Twilio deliver the event again, at once", async () => {
      const log = system.current.logFromHere();
      // Two reactions read them, and each read is repeated three times.
      await expectGreeted(await write(LIST_PARTICIPANTS, { times: 8 }, "Hello?"));
      expect(linesOf(log(), "put_back", "left_unanswered")).toMatchObject([{ event: "put_back" }]);
    });

    it("handles it with the next message when it has failed four times", async () => {
      const log = system.current.logFromHere();
      await expectGreeted(await write(LIST_PARTICIPANTS, {}, "Hello?", "Anybody there?"));
      expect(linesOf(log(), "left_unanswered")).toHaveLength(1);
    });

    it("detects with the next message that nothing was done", async () => {
      const log = system.current.logFromHere();
      await expectGreeted(await write(ANY_REQUEST, {}, "Hello?", "Anybody there?"));
      expect(linesOf(log(), "left_unanswered")).toHaveLength(1);
      expect(linesOf(log(), "put_back")).toEqual([]);
    });

    it("does not touch a conversation that has been answered, or was created otherwise", async () => {
      const { account } = system.current;
      const { smsNumber } = account.emulator;
      await listen(system.current);
      const conversation = await account.conversation();
      await conversation.participants.create({
        "messagingBinding.address": PERSON,
        "messagingBinding.proxyAddress": smsNumber,
      });
      await system.current.account.emulator.advance(60_000);
      for (const text of ["Hello?", "Anybody there?"]) await account.send(PERSON, smsNumber, text);
      await system.current.settle();
      expect(await system.current.received(PERSON)).toEqual([]);
      expect(await conversation.participants.list()).toHaveLength(1);
    });
  },
);

describe.each(platforms)("webhooks/post-event on $name, for new conversations", (platform) => {
  const newConversation = {
    agent: { rule: "rotation", agents: AGENTS },
    responder: { flowSid: FLOW },
    welcome: GREETING,
    onlySources: ["API", "SMS"],
  };
  const system = useSystem(platform, { POST_EVENT_REACTIONS: JSON.stringify({ newConversation }) });

  it("adds an agent, attaches the flow and greets the person", async () => {
    const conversation = await begin(system.current);
    const agents = (await conversation.participants.list()).filter(({ identity }) => identity !== null);
    expect(agents).toHaveLength(1);
    expect(AGENTS).toContain(agents[0]?.identity);
    const [webhook, ...others] = await conversation.webhooks.list();
    expect(webhook).toMatchObject({ target: "studio", configuration: { flow_sid: FLOW } });
    expect(others).toEqual([]);
    expect(await system.current.received(PERSON)).toEqual([GREETING]);
  });

  it("greets a person whose first message created the conversation", async () => {
    const { account } = system.current;
    const { smsNumber } = account.emulator;
    await account.autocreate({ "autoCreation.type": "default" });
    await listen(system.current);
    await account.send(PERSON, smsNumber, "Hello?");
    await system.current.settle();
    const [created, ...others] = await account.conversations.list();
    expect(others).toEqual([]);
    const conversation = account.conversations(created?.sid ?? "");
    expect((await conversation.messages.list()).map(({ body }) => body)).toEqual(["Hello?", GREETING]);
    expect(await conversation.participants.list()).toHaveLength(2);
    expect(await system.current.received(PERSON)).toEqual([GREETING]);
  });

  it("greets a group text in the name of the agent, whose projected address is the number it was sent to", async () => {
    const { account } = system.current;
    const { smsNumber } = account.emulator;
    await account.autocreate();
    await listen(system.current);
    const log = system.current.logFromHere();
    const other = "+15558675311";
    await account.send(PERSON, "", { to: [smsNumber, other], body: "Hello?" });
    await system.current.settle();
    await expect
      .poll(() => handled(log())[0])
      .toMatchObject({ agent: "added", responder: "attached", welcome: "sent" });
    expect(await system.current.received(PERSON)).toEqual([GREETING]);
    expect(await account.inbox(other)).toMatchObject([
      { from: PERSON, body: "Hello?" },
      { from: smsNumber, recipients: [PERSON], body: GREETING },
    ]);
  });

  it("acts once when the event is delivered twice concurrently, and releases its lock", async () => {
    await system.current.injectIntoWebhooks({ event: "onConversationAdded" }, TWICE_AT_ONCE);
    const conversation = await begin(system.current);
    expect(await system.current.received(PERSON)).toEqual([GREETING]);
    expect(await conversation.webhooks.list()).toHaveLength(1);
    expect(await conversation.participants.list()).toHaveLength(2);
  });

  it("acts once when the event is delivered again later with another token", async () => {
    const conversation = await begin(system.current);
    const { sid, chatServiceSid } = await conversation.fetch();
    const [before] = await conversation.participants.list();
    const log = system.current.logFromHere();
    const event = { EventType: "onConversationAdded", ConversationSid: sid, ChatServiceSid: chatServiceSid };
    expect(await sendEvent(system.current, { ...event, Source: "SMS" })).toBe(200);
    await expect
      .poll(() => handled(log()))
      .toMatchObject([{ agent: "existing", responder: "existing", welcome: "existing" }]);
    expect(await conversation.participants.list()).toHaveLength(2);
    expect((await conversation.participants.list())[0]?.sid).toBe(before?.sid);
    expect(await system.current.received(PERSON)).toEqual([GREETING]);
  });

  it("acts exactly once when the answer to any of its requests is lost", async () => {
    for (const match of [ADD_PARTICIPANT, ADD_WEBHOOK, SEND_MESSAGE, CREATE_CONVERSATION])
      await system.current.injectOnce(match, ANSWER_LOST);
    const conversation = await begin(system.current);
    expect(await system.current.received(PERSON)).toEqual([GREETING]);
    expect(await conversation.webhooks.list()).toHaveLength(1);
    expect(await conversation.participants.list()).toHaveLength(2);
  });

  it("ignores a conversation that was created otherwise", async () => {
    const conversation = await system.current.account.conversation();
    const { sid } = await conversation.fetch();
    const event = { EventType: "onConversationAdded", ConversationSid: sid };
    expect(await sendEvent(system.current, { ...event, Source: "SDK" })).toBe(200);
    expect(await conversation.participants.list()).toEqual([]);
    expect(await conversation.messages.list()).toEqual([]);
  });

  it("waits until the person is a participant before it greets", async () => {
    const { account } = system.current;
    const conversation = await account.conversation();
    const { sid } = await conversation.fetch();
    // The agent's list request comes first; the greeting has found no person once by then.
    const letLook = await system.current.holdRequests(LIST_PARTICIPANTS, { skip: 2 });
    const event = { EventType: "onConversationAdded", ConversationSid: sid, Source: "SMS" };
    const sent = sendEvent(system.current, event);
    await expect.poll(() => account.injections()).toHaveLength(1);
    await conversation.participants.create({
      "messagingBinding.address": PERSON,
      "messagingBinding.proxyAddress": account.emulator.smsNumber,
    });
    await letLook();
    expect(await sent).toBe(200);
    expect(await system.current.received(PERSON)).toEqual([GREETING]);
  });

  it("sends no greeting when no person joins, and reports the failure", async () => {
    const conversation = await system.current.account.conversation();
    const { sid } = await conversation.fetch();
    const log = system.current.logFromHere();
    const event = { EventType: "onConversationAdded", ConversationSid: sid, Source: "SMS" };
    const status = await sendEvent(system.current, event);
    const { queue } = system.current.deployment;
    expect([status, queue?.deadLetters.length]).toEqual(queue === undefined ? [502, undefined] : [200, 1]);
    await expect
      .poll(() => linesOf(log(), "reaction_failed").map(({ reaction }) => reaction))
      .toContain("welcome");
    expect(await conversation.messages.list()).toEqual([]);
    expect(await conversation.participants.list()).toHaveLength(1);
  });

  it("continues with the other reactions when one fails permanently, and names it", async () => {
    const log = system.current.logFromHere();
    await system.current.inject(ADD_WEBHOOK, failed(400));
    const conversation = await begin(system.current);
    expect(handled(log())[0]).toMatchObject({ agent: "added", responder: "failed", welcome: "sent" });
    expect(linesOf(log(), "reaction_failed")).toMatchObject([{ level: "error", reaction: "responder" }]);
    expect(await system.current.received(PERSON)).toEqual([GREETING]);
    expect(await conversation.webhooks.list()).toEqual([]);
  });

  it.each([
    ["a pre-event", { EventType: "onMessageAdd", ConversationSid: `CH${"1".repeat(32)}` }],
    ["an unknown event", { EventType: "onSomethingNew", ConversationSid: `CH${"1".repeat(32)}` }],
    [
      "an event without a reaction",
      {
        EventType: "onMessageAdded",
        ConversationSid: `CH${"1".repeat(32)}`,
        MessageSid: `IM${"1".repeat(32)}`,
        Index: "0",
      },
    ],
    ["an event of a user", { EventType: "onUserAdded", UserSid: "US1", Identity: "alice" }],
    [
      "an event of another service",
      {
        EventType: "onConversationAdded",
        ConversationSid: `CH${"1".repeat(32)}`,
        ChatServiceSid: `IS${"9".repeat(32)}`,
        Source: "SMS",
      },
    ],
    [
      "an event of a deleted conversation",
      { EventType: "onConversationAdded", ConversationSid: `CH${"9".repeat(32)}`, Source: "SMS" },
    ],
  ])("answers 200 to %s and does nothing", async (_what, event) => {
    const log = system.current.logFromHere();
    expect(await sendEvent(system.current, event)).toBe(200);
    expect(handled(log())).toEqual([]);
    expect(await system.current.account.conversations.list()).toEqual([]);
  });

  it("rejects an event that Twilio has not signed", async () => {
    const url = `${system.current.url}/webhooks/post-event`;
    const headers = { "x-twilio-signature": "AAAA" };
    const body = new URLSearchParams({ EventType: "onConversationAdded" });
    expect((await fetch(url, { method: "POST", headers, body })).status).toBe(403);
  });
});

describe.each(platforms)(
  "webhooks/post-event on $name, for a conversation that was created with its participants",
  (platform) => {
    const system = useSystem(platform);
    const [ann, bob] = ["+15558675310", "+15558675311"];

    it("sends the message in its record once when all have joined, and none that others have written there", async () => {
      const { account } = system.current;
      await account.control("POST", "/rules", { joining: 700 });
      await listen(system.current);
      await system.current.injectIntoWebhooks({ parameters: { StateTo: "active" } }, TWICE_AT_ONCE);
      const { smsNumber } = account.emulator;
      const uniqueName = "group-1";
      const { sid } = await account.client.conversations.v1.conversationWithParticipants.create({
        uniqueName,
        attributes: stateOf(account.emulator.apiKeySecret).forConversation(
          group,
          { uniqueName },
          { madeBy: "r1", firstMessage: { author: smsNumber, body: "Hi all" } },
          { firstMessage: { author: smsNumber, body: "Forged" } },
        ),
        participant: [
          JSON.stringify({ messaging_binding: { address: ann } }),
          JSON.stringify({ messaging_binding: { address: bob } }),
          JSON.stringify({ messaging_binding: { projected_address: smsNumber } }),
        ],
        xTwilioWebhookEnabled: "true",
      });
      await system.current.settle();
      const messages = await account.conversations(sid).messages.list();
      expect(messages.map(({ author, body }) => [author, body])).toEqual([[smsNumber, "Hi all"]]);
      expect(await account.conversations.list()).toHaveLength(1);
    });
  },
);
