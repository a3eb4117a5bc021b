import { describe, expect, it } from "vitest";
import { platforms } from "../../support/platforms.ts";
import { listen } from "../../support/post-event.ts";
import { step } from "../../support/steps.ts";
import { COURIER, CUSTOMER, type System, useSystem } from "../../support/system.ts";

const AGENTS = ["alice", "bob", "carol"];
const FLOW_SID = `FW${"a".repeat(32)}`;
const GREETING = "Welcome! Somebody will be with you shortly.";
const HOURS = "Every day but Sunday.";
const ONE_MOMENT = "One moment, somebody will be with you.";
const ASKS = "A customer asks for you.";
/** The Facebook page, and a person who writes to it. */
const PAGE = "messenger:1048223";
const ON_MESSENGER = "messenger:7012345";
const ON_SMS = "+15558675310";

type Rule = Omit<
  Parameters<System["account"]["client"]["conversations"]["v1"]["addressConfigurations"]["create"]>[0],
  "type" | "address"
>;

type Channel = "sms" | "whatsapp" | "messenger";

/** The rule "Create a Conversation and do nothing else". */
const PLAIN: Rule = { "autoCreation.enabled": true, "autoCreation.type": "default" };

/**
 * The guides "Inbound Message Handling & Autocreation" and "Using Facebook Messenger with Twilio Conversations", whose
 * server-side integration is the endpoints. REST requests replace steps in the Console.
 */
describe.each(platforms)("Autocreation, through the bundles on $name", (platform) => {
  const system = useSystem(platform, {
    POST_EVENT_REACTIONS: JSON.stringify({
      newConversation: {
        agent: { rule: "rotation", agents: AGENTS },
        responder: { flowSid: FLOW_SID },
        welcome: GREETING,
        onlySources: ["SMS", "WHATSAPP", "MESSENGER"],
      },
    }),
    PRE_EVENT_RULES: JSON.stringify({ blockedWords: ["swindle"] }),
    CONVERSATION_RESPONDER: JSON.stringify({
      answers: [{ keywords: ["deliver"], text: HOURS }],
      handOver: {
        keywords: ["person"],
        identities: ["dora"],
        customerText: ONE_MOMENT,
        personText: ASKS,
      },
    }),
  });

  const call = (path: string, input: object) => step(system.current, path, input);

  /** "Create a rule using the Address Configuration API" for a number or page of the account. */
  async function setRule(type: Channel, address: string, rule: Rule): Promise<void> {
    const { account } = system.current;
    await account.control("POST", "/numbers", { address });
    await account.client.conversations.v1.addressConfigurations.create({ type, address, ...rule });
  }

  /** Sends a person's message, and waits for all its effects. @returns the conversation of the message. */
  async function write(from: string, to: string, message: string) {
    const { conversationSid } = await system.current.account.send(from, to, message);
    await system.current.settle();
    return system.current.account.conversations(String(conversationSid));
  }

  /** The rule's webhook, at one of the endpoints. */
  const notify = (endpoint: string, ...webhookFilters: string[]): Rule => ({
    "autoCreation.enabled": true,
    "autoCreation.type": "webhook",
    "autoCreation.webhookFilters": webhookFilters,
    "autoCreation.webhookUrl": `${system.current.url}${endpoint}`,
    "autoCreation.webhookMethod": "post",
  });

  it.each<[Channel, string, string]>([
    ["sms", ON_SMS, "+15017122662"],
    ["whatsapp", CUSTOMER, "whatsapp:+15017122662"],
    ["messenger", ON_MESSENGER, PAGE],
  ])(
    "on %s: the first message is answered by an agent, a flow and a welcome",
    async (channel, person, address) => {
      // "Pointing the global webhook at your server and setting it to send your server onConversationAdded events"
      await listen(system.current);
      await setRule(channel, address, PLAIN);
      const conversation = await write(person, address, "Do you deliver?");
      const [customer, agent, ...others] = await conversation.participants.list();
      expect(customer?.messagingBinding).toMatchObject({ address: person, proxy_address: address });
      expect(AGENTS).toContain(agent?.identity);
      expect(others).toEqual([]);
      expect(await conversation.webhooks.list()).toMatchObject([
        { target: "studio", configuration: { flow_sid: FLOW_SID } },
      ]);
      expect(await system.current.received(person)).toEqual([GREETING]);

      // The agent answers; the person writes again, and is not greeted a second time.
      const reply = { author: agent?.identity, body: "Every day but Sunday" };
      const { sid: conversationSid } = await conversation.fetch();
      await call("/conversations/send", { conversationSid, ...reply });
      const { account } = system.current;
      expect(await account.send(person, address, "Thanks")).toMatchObject({ conversationSid });
      await system.current.settle();
      expect(await system.current.received(person)).toEqual([GREETING, reply.body]);
      // Each message of the person starts the flow once, and nothing else does. The account has no flow with this SID,
      // which the emulator logs each time.
      const { body } = await account.control("GET", "/timeline");
      const runs = (body.timeline as Record<string, unknown>[]).filter(({ flowSid }) => flowSid === FLOW_SID);
      expect(runs.map(({ kind, message }) => [kind, message])).toEqual(
        Array(2).fill(["studio", `there is no Studio flow ${FLOW_SID} here: create it through /v2/Flows`]),
      );
    },
  );

  it("Create a Conversation and notify your server-side integration", async () => {
    // Not the account's webhook, but that of the address configuration, which is added to each of its conversations.
    await setRule("messenger", PAGE, notify("/webhooks/post-event", "onConversationAdded"));
    const conversation = await write(ON_MESSENGER, PAGE, "Do you deliver?");
    expect(await conversation.participants.list()).toHaveLength(2);
    expect(await system.current.received(ON_MESSENGER)).toEqual([GREETING]);
    const targets = (await conversation.webhooks.list()).map(({ target }) => target);
    expect(targets.sort()).toEqual(["studio", "webhook"]);
  });

  it("… and send all subsequent Messages to it: a bot, which hands off to a person", async () => {
    await setRule(
      "messenger",
      PAGE,
      notify("/webhooks/conversation", "onConversationAdded", "onMessageAdded"),
    );
    const conversation = await write(ON_MESSENGER, PAGE, "Do you deliver?");
    expect(await system.current.received(ON_MESSENGER)).toEqual([HOURS]);
    expect(await conversation.participants.list()).toHaveLength(1);

    await write(ON_MESSENGER, PAGE, "May I talk to a person?");
    expect(await system.current.received(ON_MESSENGER)).toEqual([HOURS, ONE_MOMENT]);
    expect((await conversation.participants.list()).map(({ identity }) => identity)).toEqual([null, "dora"]);
    expect((await conversation.messages.list()).map(({ body }) => body)).toContain(ASKS);

    // From then on the bot does not answer, even to known questions.
    expect(await conversation.webhooks.list()).toEqual([]);
    await write(ON_MESSENGER, PAGE, "Do you deliver on Sundays, too?");
    expect(await system.current.received(ON_MESSENGER)).toEqual([HOURS, ONE_MOMENT]);
  });

  it("Create a Conversation and connect it to a Studio Flow, then add a person and detach the flow", async () => {
    await setRule("messenger", PAGE, {
      "autoCreation.enabled": true,
      "autoCreation.type": "studio",
      "autoCreation.studioFlowSid": FLOW_SID,
    });
    const conversation = await write(ON_MESSENGER, PAGE, "Do you deliver?");
    const { sid: conversationSid } = await conversation.fetch();
    // "Add the appropriate agent … using that information and Studio's Run Function widget."
    const person = { conversationSid, identity: "dora" };
    expect((await call("/conversations/add-participant", person)).body.status).toBe("added");
    const flow = { conversationSid, flowSid: FLOW_SID };
    expect((await call("/conversations/detach-webhooks", flow)).body).toMatchObject({ removed: 1 });
    expect(await conversation.webhooks.list()).toEqual([]);
    await call("/conversations/send", { conversationSid, author: "dora", body: HOURS });
    expect(await system.current.received(ON_MESSENGER)).toEqual([HOURS]);
  });

  describe("Webhooks on Autocreation", () => {
    /** Moderation and the account's post-action webhook, as set in the Console. */
    async function moderate(): Promise<void> {
      const { account, url } = system.current;
      await listen(system.current);
      await account.client.conversations.v1.configuration.webhooks().update({
        preWebhookUrl: `${url}/webhooks/pre-event`,
        filters: ["onConversationAdd", "onMessageAdd", "onConversationAdded"],
      });
    }

    it("'reject this request to prevent Conversation autocreation': the message is dropped", async () => {
      const { account } = system.current;
      await moderate();
      await setRule("whatsapp", account.emulator.whatsappNumber, PLAIN);
      expect(await account.send(COURIER, account.emulator.whatsappNumber, "What a 5w1ndle")).toMatchObject({
        routed: false,
      });
      await system.current.settle();
      expect(await account.conversations.list()).toEqual([]);
      expect(await system.current.received(COURIER)).toEqual([]);
    });

    it("in an existing conversation, the webhook is called for each message", async () => {
      const { account } = system.current;
      const { whatsappNumber } = account.emulator;
      await moderate();
      await setRule("whatsapp", whatsappNumber, PLAIN);
      const conversation = await write(COURIER, whatsappNumber, "Hello");
      expect(await account.send(COURIER, whatsappNumber, "What a swindle")).toMatchObject({ routed: false });
      await write(COURIER, whatsappNumber, "Never mind");
      expect((await conversation.messages.list()).map(({ body }) => body)).toEqual([
        "Hello",
        GREETING,
        "Never mind",
      ]);
      expect(await account.conversations.list()).toHaveLength(1);
    });
  });
});
