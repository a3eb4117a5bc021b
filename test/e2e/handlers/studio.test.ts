import { describe, expect, it } from "vitest";
import { withWebhooks } from "../../emulator/support/client.ts";
import { platforms } from "../../support/platforms.ts";
import { listen } from "../../support/post-event.ts";
import { useStage } from "../../support/stage.ts";
import { step } from "../../support/steps.ts";

const PERSON = "+15558675310";
const FLOW_SID = `FW${"a".repeat(32)}`;
const VIRTUAL_AGENT = `FW${"b".repeat(32)}`;
const WELCOME = "Hi, I am a bot. Ask me anything.";

/**
 * The guides "Connecting Twilio Studio to Conversations" and "Using Google Dialogflow CX with Conversations". Flows are not
 * run here: the emulator's timeline says what they would have got.
 */
describe.each(platforms)("Connecting Studio to Conversations, through the bundles on $name", (platform) => {
  const newConversation = { responder: { flowSid: VIRTUAL_AGENT }, welcome: WELCOME };
  const stage = useStage(platform, { POST_EVENT_REACTIONS: JSON.stringify({ newConversation }) });
  const call = (path: string, input: object) => step(stage.current, path, input);

  /** How many messages a flow has got. */
  async function runsOf(flow: string): Promise<number> {
    const { body } = await stage.current.bench.control("GET", "/timeline");
    return (body.timeline as Record<string, unknown>[]).filter(({ flowSid }) => flowSid === flow).length;
  }

  it("Existing Conversations: the flow comes onto the conversation, and leaves it to a person", async () => {
    const { bench } = stage.current;
    const { smsNumber } = bench.emulator;
    const say = (text: string) => bench.send(PERSON, smsNumber, text);
    // "First, create a Conversation. Next, add an external Participant"
    const { sid: conversationSid } = await bench.conversations.create({ friendlyName: "studio_test" });
    const person = { conversationSid, address: PERSON, proxyAddress: smsNumber };
    await call("/conversations/add-participant", person);
    await say("Is anybody there?");
    // "Finally, add a Conversation-Scoped Webhook that points to Studio": also for what was said already
    const flow = { conversationSid, flowSid: FLOW_SID };
    const attached = await call("/conversations/attach-studio", { ...flow, replayAfter: 0 });
    expect(attached).toMatchObject({ status: 201, body: { status: "attached" } });
    expect(await runsOf(FLOW_SID)).toBe(1);
    expect((await call("/conversations/attach-studio", flow)).body).toMatchObject({
      status: "existing",
      webhookSid: attached.body.webhookSid,
    });
    // "Send a text to the ProxyAddress … and watch the magic happen!"
    await say("Yes");
    expect(await runsOf(FLOW_SID)).toBe(2);

    // "The possibility of adding human Participants … after you complete your automated handling"
    await call("/conversations/add-participant", { conversationSid, identity: "agent" });
    expect((await call("/conversations/detach-webhooks", flow)).body).toMatchObject({ removed: 1 });
    expect((await call("/conversations/detach-webhooks", flow)).body).toMatchObject({ removed: 0 });
    await say("I would rather talk to you");
    await call("/conversations/send", { conversationSid, author: "agent", body: "Here I am" });
    expect(await runsOf(FLOW_SID)).toBe(2);
    expect(await stage.current.received(PERSON)).toEqual(["Here I am"]);
  });

  it("For chat and other custom integrations: every new conversation gets the virtual agent", async () => {
    const { bench } = stage.current;
    // "Set the Post-Event URL to the URL of your function and select the event onConversationAdded."
    await listen(stage.current);
    const { sid: conversationSid } = await bench.conversations.create(withWebhooks);
    await stage.current.settle();
    const { messages, participants, webhooks } = bench.conversations(conversationSid);
    expect(await webhooks.list()).toMatchObject([
      { target: "studio", configuration: { flow_sid: VIRTUAL_AGENT, filters: ["onMessageAdded"] } },
    ]);
    // "A default welcome message": of which the flow does not hear
    expect((await messages.list()).map(({ body }) => body)).toEqual([WELCOME]);
    expect(await runsOf(VIRTUAL_AGENT)).toBe(0);

    // "For API only integrations, be sure to set the X-Twilio-Webhook-Enabled=true header"
    await participants.create({ identity: "visitor" });
    await messages.create({ author: "visitor", body: "How tall are you?", ...withWebhooks });
    await stage.current.settle();
    expect(await runsOf(VIRTUAL_AGENT)).toBe(1);

    // "Live Agent Handoff"
    const all = { conversationSid, target: "studio" };
    expect((await call("/conversations/detach-webhooks", all)).body).toMatchObject({ removed: 1 });
    await call("/conversations/add-participant", { conversationSid, identity: "agent" });
    await messages.create({ author: "visitor", body: "A person, please", ...withWebhooks });
    await stage.current.settle();
    expect(await runsOf(VIRTUAL_AGENT)).toBe(1);
  });
});
