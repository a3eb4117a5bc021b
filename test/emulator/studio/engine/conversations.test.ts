import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { withWebhooks } from "../../support/client.ts";
import { useAccount } from "../../support/emulator.ts";
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
  state,
  stepsOf,
  write,
} from "../flow.ts";

const fixture = useAccount();

/** The flow of "Connecting Twilio Studio to Conversations", as the page has it. */
const fromThePage = JSON.parse(
  readFileSync(new URL("../flows/connecting-studio.json", import.meta.url), "utf8"),
) as object;
const question = "Hi, do you like bots?";

describe("a flow on a conversation", () => {
  it("runs as the page shows it, once for each answer", async () => {
    const account = fixture.current;
    await attached(account, await publish(account, fromThePage));
    for (const answer of ["yes", " NO ", "perhaps"]) {
      await write(account, "Hello");
      await write(account, answer);
    }
    expect(await received(account)).toEqual([question, "🤖", question, "👽", question, "👻"]);
  });

  it("starts in a conversation that an address makes for it", async () => {
    const account = fixture.current;
    const flowSid = await publish(account, fromThePage);
    await account.autocreate({ "autoCreation.type": "studio", "autoCreation.studioFlowSid": flowSid });
    await write(account, "Hello");
    await write(account, "Yes");
    expect(await received(account)).toEqual([question, "🤖"]);
    expect(await stepsOf(account, flowSid)).toEqual([
      "Trigger: incomingConversationMessage > send_and_reply_1",
      "send_and_reply_1: incomingMessage > split_1",
      "split_1: match > send_message_2",
      "send_message_2: sent > Ended",
    ]);
  });

  it("has the reply in both places where Twilio's sources look for it", async () => {
    const account = fixture.current;
    const echo = "{{widgets.ask.inbound.Body}} {{trigger.conversation.Body}} {{trigger.conversation.Author}}";
    const flowSid = await publish(
      account,
      flowOf(asks("ask", "{{trigger.conversation.Body}}?", "echo"), says("echo", echo)),
    );
    const conversation = await attached(account, flowSid);
    const { sid } = await conversation.update({ attributes: '{"plan":"gold"}' });
    await write(account, "Hello");
    await write(account, "Well");
    expect(await received(account)).toEqual(["Hello?", `Well Well ${person}`]);
    const context = await contextOf(account, flowSid);
    expect(context.trigger?.conversation).toMatchObject({
      ConversationSid: sid,
      ChannelSid: sid,
      ChannelAttributes: { plan: "gold" },
      From: person,
    });
    expect(context.flow).toMatchObject({
      flow_sid: flowSid,
      channel: { address: account.emulator.smsNumber },
    });
    expect(context.contact).toEqual({ channel: { address: person } });
    expect(context.widgets?.echo).toMatchObject({
      outbound: { ConversationSid: sid, Author: account.emulator.smsNumber, Index: 3 },
    });
  });

  it("goes on without a reply when its time is over, and not before", async () => {
    const account = fixture.current;
    await attached(
      account,
      await publish(account, flowOf(asks("ask", "Well?", undefined, "late"), says("late", "Bye"))),
    );
    await write(account, "Hello");
    await account.emulator.advance(3_599_000);
    expect(await received(account)).toEqual(["Well?"]);
    await account.emulator.advance(1_000);
    expect(await received(account)).toEqual(["Well?", "Bye"]);
  });

  it("continues with any author, and with REST writes only when these enable webhooks", async () => {
    const account = fixture.current;
    const flowSid = await publish(
      account,
      flowOf(asks("ask", "Who?", "thanks"), says("thanks", "{{widgets.ask.inbound.Author}}")),
    );
    const conversation = await attached(account, flowSid);
    await conversation.participants.create({ identity: "ann" });
    await write(account, "Hello");
    await conversation.messages.create({ author: "ann", body: "quietly" });
    await account.emulator.settle();
    expect(await received(account)).toEqual(["Who?", "quietly"]);
    await conversation.messages.create({ author: "ann", body: "Me", ...withWebhooks });
    await account.emulator.settle();
    expect((await received(account)).at(-1)).toBe("ann");
  });

  it("is replayed earlier messages from an index on, and answers with the conversation as contact", async () => {
    const account = fixture.current;
    const flowSid = await publish(
      account,
      flowOf(
        asks("ask", "{{trigger.conversation.Body}}?", "end"),
        says("end", "{{widgets.ask.inbound.Body}}!"),
      ),
    );
    const conversation = await account.conversation();
    await conversation.participants.create({
      "messagingBinding.address": person,
      "messagingBinding.proxyAddress": account.emulator.smsNumber,
    });
    for (const body of ["zero", "one"]) await write(account, body);
    await conversation.messages.create({ author: "ann", body: "by REST", ...withWebhooks });
    await write(account, "two");
    await conversation.webhooks.create({
      target: "studio",
      "configuration.flowSid": flowSid,
      "configuration.replayAfter": 1,
    });
    await account.emulator.settle();
    expect(await received(account)).toEqual(["by REST", "one?", "two!"]);
    const { sid } = await conversation.fetch();
    expect((await contextOf(account, flowSid)).contact).toEqual({ channel: { address: sid } });
  });

  it("fires no webhooks with its messages, and stays attached when it has ended", async () => {
    const account = fixture.current;
    const flowSid = await publish(account, flowOf(says("say", "Hello")));
    const receiver = await account.receiver();
    const { webhooks } = account.client.conversations.v1.configuration;
    await webhooks().update({ postWebhookUrl: receiver.url, filters: ["onMessageAdded"] });
    const conversation = await attached(account, flowSid);
    for (const body of ["One", "Two"]) await write(account, body);
    expect(await received(account)).toEqual(["Hello", "Hello"]);
    expect(receiver.values("Body")).toEqual(["One", "Two"]);
    expect(await conversation.webhooks.list()).toHaveLength(1);
  });

  it("ignores a message while no step waits for one, and reports it", async () => {
    const account = fixture.current;
    const answers: (() => void)[] = [];
    const receiver = await account.receiver((_request, response) => answers.push(() => response.end("{}")));
    const call = { url: receiver.url, parameters: [] };
    const flowSid = await publish(
      account,
      flowOf(state("call", "run-function", call, { success: undefined })),
    );
    await attached(account, flowSid);
    const path = `/phones/${encodeURIComponent(person)}/messages`;
    const send = async (body: string) => {
      const { status } = await account.control("POST", path, { to: account.emulator.smsNumber, body });
      expect(status).toBe(201);
    };
    await send("One");
    while (answers.length === 0) await new Promise((resolve) => setImmediate(resolve));
    await send("Two");
    expect(await notesOf(account)).toEqual([
      "no step of the execution waits for a message: this one is ignored",
    ]);
    for (const answer of answers) answer();
    await account.emulator.settle();
    expect(await stepsOf(account, flowSid)).toHaveLength(2);
  });

  it("fails to send where the conversation is closed", async () => {
    const account = fixture.current;
    const flowSid = await publish(
      account,
      flowOf(asks("ask", "Well?", undefined, "late"), says("late", "Bye")),
    );
    const conversation = await attached(account, flowSid);
    await write(account, "Hello");
    await conversation.update({ state: "closed" });
    await account.emulator.advance(3_600_000);
    expect((await stepsOf(account, flowSid)).at(-1)).toBe("late: failed > Ended");
    expect((await contextOf(account, flowSid)).widgets?.late).toMatchObject({
      outbound: { ErrorCode: 50377 },
    });
  });

  it("reports on the timeline a flow that is missing or not published", async () => {
    const account = fixture.current;
    const missing = `FW${"0".repeat(32)}`;
    await attached(account, missing);
    await write(account, "Hello");
    const { sid } = await account.client.studio.v2.flows.create({
      friendlyName: "Draft",
      status: "draft",
      definition: fromThePage,
    });
    const draft = await account.conversation();
    await draft.webhooks.create({ target: "studio", "configuration.flowSid": sid });
    await draft.messages.create({ author: "ann", body: "Hi", ...withWebhooks });
    expect(await notesOf(account)).toEqual([
      `there is no Studio flow ${missing} here: create it through /v2/Flows`,
      "the flow has no published revision",
    ]);
    await account.client.studio.v2
      .flows(sid)
      .testUsers()
      .update({ testUsers: ["ann"] });
    await draft.messages.create({ author: "ann", body: "Hi", ...withWebhooks });
    await account.emulator.settle();
    expect(await stepsOf(account, sid)).toHaveLength(1);
  });

  it("comes with a seed, under the SID that its addresses name", async () => {
    const account = fixture.current;
    const sid = `FW${"0".repeat(31)}1`;
    const { smsNumber: address } = account.emulator;
    const flow = { sid, friendlyName: "Bots", status: "published", definition: fromThePage };
    const autoCreation = { enabled: true, type: "studio", studioFlowSid: sid };
    const seed = (definition: object) => ({
      flows: [{ ...flow, definition }],
      addresses: [{ type: "sms", address, autoCreation }],
    });
    const odd = await account.control("POST", "/reset", seed({ ...fromThePage, initial_state: "Nowhere" }));
    expect([odd.status, odd.body.error]).toEqual([
      400,
      "flows[0]: Flow definition contains errors (20001): #/initial_state there is no state Nowhere",
    ]);
    expect((await account.control("POST", "/reset", seed(fromThePage))).status).toBe(200);
    await write(account, "Hello");
    expect(await received(account)).toEqual([question]);
  });
});
