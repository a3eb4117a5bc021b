import { describe, expect, it } from "vitest";
import { group } from "../../../core/group-mms/first-message.ts";
import {
  ADD_PARTICIPANT,
  ADD_WEBHOOK,
  ANSWER_LOST,
  CREATE_CONVERSATION,
  failed,
  LIST_PARTICIPANTS,
  SEND_MESSAGE,
  TWICE_AT_ONCE,
} from "../../support/faults.ts";
import { platforms } from "../../support/platforms.ts";
import { handled, linesOf, listen, sendEvent } from "../../support/post-event.ts";
import { type Stage, useStage } from "../../support/stage.ts";
import { stateOf } from "../../support/state.ts";

const PERSON = "+15558675310";
const FLOW = `FW${"0".repeat(32)}`;
const AGENTS = ["alice", "bob", "carol"];
const GREETING = "Welcome! Somebody will be with you shortly.";

/** A conversation that is made with a person on a phone in it, whose webhooks the emulator delivers. */
async function begin(stage: Stage) {
  const { bench } = stage;
  await listen(stage);
  const { smsNumber } = bench.emulator;
  const binding = { address: PERSON, proxy_address: smsNumber };
  const { sid } = await bench.client.conversations.v1.conversationWithParticipants.create({
    participant: [JSON.stringify({ messaging_binding: binding })],
    xTwilioWebhookEnabled: "true",
  });
  await stage.settle();
  // The turns that were taken are given back.
  expect((await bench.conversations.list()).map((one) => one.sid)).toEqual([sid]);
  return bench.conversations(sid);
}

describe.each(platforms)("webhooks/post-event on $name, for new conversations", (platform) => {
  const newConversation = {
    agent: { roundRobin: AGENTS },
    responder: { flowSid: FLOW },
    welcome: GREETING,
    onlySources: ["API", "SMS"],
  };
  const stage = useStage(platform, { POST_EVENT_REACTIONS: JSON.stringify({ newConversation }) });

  it("adds an agent, attaches the flow and greets the person who is in it", async () => {
    const conversation = await begin(stage.current);
    const agents = (await conversation.participants.list()).filter(({ identity }) => identity !== null);
    expect(agents).toHaveLength(1);
    expect(AGENTS).toContain(agents[0]?.identity);
    const [webhook, ...others] = await conversation.webhooks.list();
    expect(webhook).toMatchObject({ target: "studio", configuration: { flow_sid: FLOW } });
    expect(others).toEqual([]);
    expect(await stage.current.received(PERSON)).toEqual([GREETING]);
  });

  it("greets a person whose first message has made the conversation", async () => {
    const { bench } = stage.current;
    const { smsNumber } = bench.emulator;
    await bench.autocreate({ "autoCreation.type": "default" });
    await listen(stage.current);
    await bench.send(PERSON, smsNumber, "Hello?");
    await stage.current.settle();
    const [created, ...others] = await bench.conversations.list();
    expect(others).toEqual([]);
    const conversation = bench.conversations(created?.sid ?? "");
    expect((await conversation.messages.list()).map(({ body }) => body)).toEqual(["Hello?", GREETING]);
    expect(await conversation.participants.list()).toHaveLength(2);
    expect(await stage.current.received(PERSON)).toEqual([GREETING]);
  });

  it("greets a group text in the name of the number that it was sent to, and adds no agent to it", async () => {
    const { bench } = stage.current;
    const { smsNumber } = bench.emulator;
    await bench.autocreate();
    await listen(stage.current);
    const log = stage.current.logFromHere();
    const other = "+15558675311";
    await bench.send(PERSON, "", { to: [smsNumber, other], body: "Hello?" });
    await stage.current.settle();
    expect(handled(log())[0]).toMatchObject({ agent: "group_text", responder: "attached", welcome: "sent" });
    expect(await stage.current.received(PERSON)).toEqual([GREETING]);
    expect(await bench.inbox(other)).toMatchObject([
      { from: PERSON, body: "Hello?" },
      { from: smsNumber, recipients: [PERSON], body: GREETING },
    ]);
  });

  it("does it once when the event comes twice at the same instant, and leaves no turn behind", async () => {
    await stage.current.strikeWebhooks({ event: "onConversationAdded" }, TWICE_AT_ONCE);
    const conversation = await begin(stage.current);
    expect(await stage.current.received(PERSON)).toEqual([GREETING]);
    expect(await conversation.webhooks.list()).toHaveLength(1);
    expect(await conversation.participants.list()).toHaveLength(2);
  });

  it("does it once when the event comes again later under another token", async () => {
    const conversation = await begin(stage.current);
    const { sid, chatServiceSid } = await conversation.fetch();
    const [before] = await conversation.participants.list();
    const log = stage.current.logFromHere();
    const event = { EventType: "onConversationAdded", ConversationSid: sid, ChatServiceSid: chatServiceSid };
    expect(await sendEvent(stage.current, { ...event, Source: "SMS" })).toBe(200);
    expect(handled(log())).toMatchObject([{ agent: "existing", responder: "existing", welcome: "existing" }]);
    expect(await conversation.participants.list()).toHaveLength(2);
    expect((await conversation.participants.list())[0]?.sid).toBe(before?.sid);
    expect(await stage.current.received(PERSON)).toEqual([GREETING]);
  });

  it("does it exactly once when the answer to any of its requests is lost", async () => {
    for (const match of [ADD_PARTICIPANT, ADD_WEBHOOK, SEND_MESSAGE, CREATE_CONVERSATION])
      await stage.current.strikeOnce(match, ANSWER_LOST);
    const conversation = await begin(stage.current);
    expect(await stage.current.received(PERSON)).toEqual([GREETING]);
    expect(await conversation.webhooks.list()).toHaveLength(1);
    expect(await conversation.participants.list()).toHaveLength(2);
  });

  it("leaves a conversation alone that began in another way", async () => {
    const conversation = await stage.current.bench.conversation();
    const { sid } = await conversation.fetch();
    const event = { EventType: "onConversationAdded", ConversationSid: sid };
    expect(await sendEvent(stage.current, { ...event, Source: "SDK" })).toBe(200);
    expect(await conversation.participants.list()).toEqual([]);
    expect(await conversation.messages.list()).toEqual([]);
  });

  it("waits for the person to be in before it greets", async () => {
    const { bench } = stage.current;
    const conversation = await bench.conversation();
    const { sid } = await conversation.fetch();
    // The agent's look comes first; the greeting has looked in vain once by then.
    const letLook = await stage.current.holdRequests(LIST_PARTICIPANTS, { skip: 2 });
    const event = { EventType: "onConversationAdded", ConversationSid: sid, Source: "SMS" };
    const sent = sendEvent(stage.current, event);
    await expect.poll(() => bench.strikes()).toHaveLength(1);
    await conversation.participants.create({
      "messagingBinding.address": PERSON,
      "messagingBinding.proxyAddress": bench.emulator.smsNumber,
    });
    await letLook();
    expect(await sent).toBe(200);
    expect(await stage.current.received(PERSON)).toEqual([GREETING]);
  });

  it("greets nobody where nobody comes, and says that it failed", async () => {
    const conversation = await stage.current.bench.conversation();
    const { sid } = await conversation.fetch();
    const log = stage.current.logFromHere();
    const event = { EventType: "onConversationAdded", ConversationSid: sid, Source: "SMS" };
    const status = await sendEvent(stage.current, event);
    const { queue } = stage.current.deployment;
    expect([status, queue?.deadLetters.length]).toEqual(queue === undefined ? [502, undefined] : [200, 1]);
    expect(linesOf(log(), "reaction_failed").map(({ reaction }) => reaction)).toContain("welcome");
    expect(await conversation.messages.list()).toEqual([]);
    expect(await conversation.participants.list()).toHaveLength(1);
  });

  it("goes on with the other reactions when one fails for good, and says which", async () => {
    const log = stage.current.logFromHere();
    await stage.current.strike(ADD_WEBHOOK, failed(400));
    const conversation = await begin(stage.current);
    expect(handled(log())[0]).toMatchObject({ agent: "added", responder: "failed", welcome: "sent" });
    expect(linesOf(log(), "reaction_failed")).toMatchObject([{ level: "error", reaction: "responder" }]);
    expect(await stage.current.received(PERSON)).toEqual([GREETING]);
    expect(await conversation.webhooks.list()).toEqual([]);
  });

  it.each([
    ["an event before the fact", { EventType: "onMessageAdd", ConversationSid: `CH${"1".repeat(32)}` }],
    [
      "an event that it does not know",
      { EventType: "onSomethingNew", ConversationSid: `CH${"1".repeat(32)}` },
    ],
    [
      "an event that nothing reacts to",
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
      "an event of a conversation that is gone",
      { EventType: "onConversationAdded", ConversationSid: `CH${"9".repeat(32)}`, Source: "SMS" },
    ],
  ])("answers 200 to %s and does nothing", async (_what, event) => {
    const log = stage.current.logFromHere();
    expect(await sendEvent(stage.current, event)).toBe(200);
    expect(handled(log())).toEqual([]);
    expect(await stage.current.bench.conversations.list()).toEqual([]);
  });

  it("refuses an event that Twilio has not signed", async () => {
    const url = `${stage.current.url}/webhooks/post-event`;
    const headers = { "x-twilio-signature": "AAAA" };
    const body = new URLSearchParams({ EventType: "onConversationAdded" });
    expect((await fetch(url, { method: "POST", headers, body })).status).toBe(403);
  });
});

describe.each(platforms)(
  "webhooks/post-event on $name, for a conversation that was made with its people",
  (platform) => {
    const stage = useStage(platform);
    const [ann, bob] = ["+15558675310", "+15558675311"];

    it("sends the message that waits in its record once, and none that others have written there, when everybody is in", async () => {
      const { bench } = stage.current;
      await bench.control("POST", "/rules", { joining: 700 });
      await listen(stage.current);
      await stage.current.strikeWebhooks({ parameters: { StateTo: "active" } }, TWICE_AT_ONCE);
      const { smsNumber } = bench.emulator;
      const uniqueName = "group-1";
      const { sid } = await bench.client.conversations.v1.conversationWithParticipants.create({
        uniqueName,
        attributes: stateOf(bench.emulator.apiKeySecret).forConversation(
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
      await stage.current.settle();
      const messages = await bench.conversations(sid).messages.list();
      expect(messages.map(({ author, body }) => [author, body])).toEqual([[smsNumber, "Hi all"]]);
      expect(await bench.conversations.list()).toHaveLength(1);
    });
  },
);
