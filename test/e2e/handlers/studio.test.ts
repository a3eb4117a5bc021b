import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { pointFlowAt } from "../../../infra/studio/flow.ts";
import { readFlows } from "../../../infra/studio/read.ts";
import { withWebhooks } from "../../emulator/support/client.ts";
import { platforms } from "../../support/platforms.ts";
import { listen } from "../../support/post-event.ts";
import { step } from "../../support/steps.ts";
import { useSystem } from "../../support/system.ts";

const PERSON = "+15558675310";
const FLOW_SID = `FW${"a".repeat(32)}`;
const VIRTUAL_AGENT = `FW${"b".repeat(32)}`;
const WELCOME = "Hi, I am a bot. Ask me anything.";
const QUESTION = "Hi, do you like bots?";

/** The flow of the guide. */
const page = new URL("../../emulator/studio/flows/connecting-studio.json", import.meta.url);

/** The guides "Connecting Twilio Studio to Conversations" and "Using Google Dialogflow CX with Conversations". */
describe.each(platforms)("Connecting Studio to Conversations, through the bundles on $name", (platform) => {
  const newConversation = { responder: { flowSid: VIRTUAL_AGENT }, welcome: WELCOME };
  const system = useSystem(platform, { POST_EVENT_REACTIONS: JSON.stringify({ newConversation }) });
  const call = (path: string, input: object) => step(system.current, path, input);

  /** Resets the emulator, and publishes a flow with this SID. */
  async function withFlow(sid: string, definition: unknown): Promise<void> {
    const flows = [{ sid, friendlyName: "A flow", status: "published", definition }];
    expect((await system.current.account.control("POST", "/reset", { flows })).status).toBe(200);
  }

  it("Existing Conversations: the flow is attached to the conversation, and hands off to a person", async () => {
    const { account } = system.current;
    await withFlow(FLOW_SID, JSON.parse(readFileSync(page, "utf8")));
    const { smsNumber } = account.emulator;
    const say = (text: string) => account.send(PERSON, smsNumber, text);
    // "First, create a Conversation. Next, add an external Participant"
    const { sid: conversationSid } = await account.conversations.create({ friendlyName: "studio_test" });
    const person = { conversationSid, address: PERSON, proxyAddress: smsNumber };
    await call("/conversations/add-participant", person);
    await say("Is anybody there?");
    // "Finally, add a Conversation-Scoped Webhook that points to Studio": also for earlier messages
    const flow = { conversationSid, flowSid: FLOW_SID };
    const attached = await call("/conversations/attach-studio", { ...flow, replayAfter: 0 });
    expect(attached).toMatchObject({ status: 201, body: { status: "attached" } });
    expect((await call("/conversations/attach-studio", flow)).body).toMatchObject({
      status: "existing",
      webhookSid: attached.body.webhookSid,
    });
    await account.emulator.settle();
    expect(await system.current.received(PERSON)).toEqual([QUESTION]);
    // "Send a text to the ProxyAddress … and watch the magic happen!"
    await say("Yes");
    expect(await system.current.received(PERSON)).toEqual([QUESTION, "🤖"]);

    // "The possibility of adding human Participants … after you complete your automated handling"
    await call("/conversations/add-participant", { conversationSid, identity: "agent" });
    expect((await call("/conversations/detach-webhooks", flow)).body).toMatchObject({ removed: 1 });
    expect((await call("/conversations/detach-webhooks", flow)).body).toMatchObject({ removed: 0 });
    await say("I would rather talk to you");
    await call("/conversations/send", { conversationSid, author: "agent", body: "Here I am" });
    expect((await system.current.received(PERSON)).slice(2)).toEqual(["Here I am"]);
  });

  it("For chat and other custom integrations: every new conversation gets the virtual agent", async () => {
    const { account } = system.current;
    const widget = platform.name === "Twilio Functions" ? "run-function" : "make-http-request";
    const flow = readFlows().get("virtual-agent.json");
    await withFlow(VIRTUAL_AGENT, flow && pointFlowAt(flow, { widget, baseUrl: system.current.url }));
    const script = [
      { when: "tall", say: "As tall as a cloud" },
      { when: "person", say: "I will get somebody", handoff: { identity: "agent" } },
    ];
    await account.control("POST", "/virtual-agents", { name: "small-talk", script });
    // "Set the Post-Event URL to the URL of your function and select the event onConversationAdded."
    await listen(system.current);
    const { sid: conversationSid } = await account.conversations.create(withWebhooks);
    await system.current.settle();
    const { messages, participants, webhooks } = account.conversations(conversationSid);
    expect(await webhooks.list()).toMatchObject([
      { target: "studio", configuration: { flow_sid: VIRTUAL_AGENT } },
    ]);
    const said = async () => (await messages.list()).map(({ author, body }) => `${author}: ${body}`);
    // "A default welcome message": the flow does not receive it
    expect(await said()).toEqual([`system: ${WELCOME}`]);

    // "For API only integrations, be sure to set the X-Twilio-Webhook-Enabled=true header"
    await participants.create({ identity: "visitor" });
    const ask = async (body: string) => {
      await messages.create({ author: "visitor", body, ...withWebhooks });
      await system.current.settle();
    };
    await ask("How tall are you?");
    expect((await said()).at(-1)).toBe("small-talk: As tall as a cloud");

    // "Live Agent Handoff"
    await ask("A person, please");
    expect((await said()).slice(-2)).toEqual([
      "small-talk: I will get somebody",
      "system: One moment, an agent will be with you.",
    ]);
    expect((await participants.list()).map(({ identity }) => identity)).toEqual(["visitor", "agent"]);
    expect(await webhooks.list()).toEqual([]);
    await ask("Hello?");
    expect((await said()).at(-1)).toBe("visitor: Hello?");
  });
});
