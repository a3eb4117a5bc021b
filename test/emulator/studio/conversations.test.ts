import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { withWebhooks } from "../support/client.ts";
import { useBench } from "../support/emulator.ts";
import {
  asks,
  attached,
  contextOf,
  flowOf,
  notesOf,
  person,
  publish,
  received,
  says,
  stepsOf,
  write,
} from "./flow.ts";

const bench = useBench();

/** The flow of "Connecting Twilio Studio to Conversations", as the page has it. */
const fromThePage = JSON.parse(
  readFileSync(new URL("flows/connecting-studio.json", import.meta.url), "utf8"),
) as object;
const question = "Hi, do you like bots?";

describe("a flow on a conversation", () => {
  it("runs as the page shows it, once for each answer", async () => {
    const b = bench.current;
    await attached(b, await publish(b, fromThePage));
    for (const answer of ["yes", " NO ", "perhaps"]) {
      await write(b, "Hello");
      await write(b, answer);
    }
    expect(await received(b)).toEqual([question, "🤖", question, "👽", question, "👻"]);
  });

  it("starts in a conversation that an address makes for it", async () => {
    const b = bench.current;
    const flowSid = await publish(b, fromThePage);
    await b.autocreate({ "autoCreation.type": "studio", "autoCreation.studioFlowSid": flowSid });
    await write(b, "Hello");
    await write(b, "Yes");
    expect(await received(b)).toEqual([question, "🤖"]);
    expect(await stepsOf(b, flowSid)).toEqual([
      "Trigger: incomingConversationMessage > send_and_reply_1",
      "send_and_reply_1: incomingMessage > split_1",
      "split_1: match > send_message_2",
      "send_message_2: sent > Ended",
    ]);
  });

  it("has the reply in both places where Twilio's sources look for it", async () => {
    const b = bench.current;
    const echo = "{{widgets.ask.inbound.Body}} {{trigger.conversation.Body}} {{trigger.conversation.Author}}";
    const flowSid = await publish(
      b,
      flowOf(asks("ask", "{{trigger.conversation.Body}}?", "echo"), says("echo", echo)),
    );
    const conversation = await attached(b, flowSid);
    const { sid } = await conversation.update({ attributes: '{"plan":"gold"}' });
    await write(b, "Hello");
    await write(b, "Well");
    expect(await received(b)).toEqual(["Hello?", `Well Well ${person}`]);
    const context = await contextOf(b, flowSid);
    expect(context.trigger?.conversation).toMatchObject({
      ConversationSid: sid,
      ChannelSid: sid,
      ChannelAttributes: { plan: "gold" },
      From: person,
    });
    expect(context.flow).toMatchObject({ flow_sid: flowSid, channel: { address: b.emulator.smsNumber } });
    expect(context.contact).toEqual({ channel: { address: person } });
    expect(context.widgets?.echo).toMatchObject({
      outbound: { ConversationSid: sid, Author: b.emulator.smsNumber, Index: 3 },
    });
  });

  it("goes on without a reply when its time is over, and not before", async () => {
    const b = bench.current;
    await attached(b, await publish(b, flowOf(asks("ask", "Well?", undefined, "late"), says("late", "Bye"))));
    await write(b, "Hello");
    await b.emulator.advance(3_599_000);
    expect(await received(b)).toEqual(["Well?"]);
    await b.emulator.advance(1_000);
    expect(await received(b)).toEqual(["Well?", "Bye"]);
  });

  it("is moved by whoever writes, and hears of REST writes only when they ask for it", async () => {
    const b = bench.current;
    const flowSid = await publish(
      b,
      flowOf(asks("ask", "Who?", "thanks"), says("thanks", "{{widgets.ask.inbound.Author}}")),
    );
    const conversation = await attached(b, flowSid);
    await conversation.participants.create({ identity: "ann" });
    await write(b, "Hello");
    await conversation.messages.create({ author: "ann", body: "quietly" });
    await b.emulator.settle();
    expect(await received(b)).toEqual(["Who?", "quietly"]);
    await conversation.messages.create({ author: "ann", body: "Me", ...withWebhooks });
    await b.emulator.settle();
    expect((await received(b)).at(-1)).toBe("ann");
  });

  it("is replayed earlier messages from an index on, and answers with the conversation as contact", async () => {
    const b = bench.current;
    const flowSid = await publish(
      b,
      flowOf(
        asks("ask", "{{trigger.conversation.Body}}?", "end"),
        says("end", "{{widgets.ask.inbound.Body}}!"),
      ),
    );
    const conversation = await b.conversation();
    await conversation.participants.create({
      "messagingBinding.address": person,
      "messagingBinding.proxyAddress": b.emulator.smsNumber,
    });
    for (const body of ["zero", "one", "two"]) await write(b, body);
    await conversation.webhooks.create({
      target: "studio",
      "configuration.flowSid": flowSid,
      "configuration.replayAfter": 1,
    });
    await b.emulator.settle();
    expect(await received(b)).toEqual(["one?", "two!"]);
    const { sid } = await conversation.fetch();
    expect((await contextOf(b, flowSid)).contact).toEqual({ channel: { address: sid } });
  });

  it("fails to send where the conversation is closed", async () => {
    const b = bench.current;
    const flowSid = await publish(b, flowOf(asks("ask", "Well?", undefined, "late"), says("late", "Bye")));
    const conversation = await attached(b, flowSid);
    await write(b, "Hello");
    await conversation.update({ state: "closed" });
    await b.emulator.advance(3_600_000);
    expect((await stepsOf(b, flowSid)).at(-1)).toBe("late: failed > Ended");
    expect((await contextOf(b, flowSid)).widgets?.late).toMatchObject({ outbound: { ErrorCode: 50377 } });
  });

  it("says so on the timeline when the flow is not there, or has nothing published", async () => {
    const b = bench.current;
    const missing = `FW${"0".repeat(32)}`;
    await attached(b, missing);
    await write(b, "Hello");
    const { sid } = await b.client.studio.v2.flows.create({
      friendlyName: "Draft",
      status: "draft",
      definition: fromThePage,
    });
    const draft = await b.conversation();
    await draft.webhooks.create({ target: "studio", "configuration.flowSid": sid });
    await draft.messages.create({ author: "ann", body: "Hi", ...withWebhooks });
    expect(await notesOf(b)).toEqual([
      `there is no Studio flow ${missing} here: create it through /v2/Flows`,
      "the flow has no published revision",
    ]);
    await b.client.studio.v2
      .flows(sid)
      .testUsers()
      .update({ testUsers: ["ann"] });
    await draft.messages.create({ author: "ann", body: "Hi", ...withWebhooks });
    await b.emulator.settle();
    expect(await stepsOf(b, sid)).toHaveLength(1);
  });

  it("comes with a seed, under the SID that its addresses name", async () => {
    const b = bench.current;
    const sid = `FW${"0".repeat(31)}1`;
    const { smsNumber: address } = b.emulator;
    const flow = { sid, friendlyName: "Bots", status: "published", definition: fromThePage };
    const autoCreation = { enabled: true, type: "studio", studioFlowSid: sid };
    const seed = (definition: object) => ({
      flows: [{ ...flow, definition }],
      addresses: [{ type: "sms", address, autoCreation }],
    });
    const odd = await b.control("POST", "/reset", seed({ ...fromThePage, initial_state: "Nowhere" }));
    expect([odd.status, odd.body.error]).toEqual([
      400,
      "flows[0]: Flow definition contains errors (20001): #/initial_state there is no state Nowhere",
    ]);
    expect((await b.control("POST", "/reset", seed(fromThePage))).status).toBe(200);
    await write(b, "Hello");
    expect(await received(b)).toEqual([question]);
  });
});
