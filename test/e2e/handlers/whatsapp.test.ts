import { describe, expect, it } from "vitest";
import { platforms } from "../../support/platforms.ts";
import { step } from "../../support/steps.ts";
import { COURIER, CUSTOMER, useSystem } from "../../support/system.ts";

const SMS_USER = "+15558675312";
const POOL = ["+15005550101", "whatsapp:+15005550101"];
const [SMS_SENDER = "", WHATSAPP_SENDER = ""] = POOL;
const HOUR = 60 * 60 * 1000;
const NEWS = "Your parcel is at the door.";

/** The guides "Using WhatsApp with Conversations" and "Trying Out WhatsApp with Conversations", with the endpoints. */
describe.each(platforms)("Using WhatsApp with Conversations, through the bundles on $name", (platform) => {
  const system = useSystem(platform, { PROXY_ADDRESSES: POOL.join(",") });

  const call = (path: string, input: object) => step(system.current, path, input);

  /** Connects two people through the account's senders. */
  async function connect(address: string, otherAddress: string, message: object = {}) {
    for (const sender of POOL) await system.current.account.control("POST", "/numbers", { address: sender });
    return call("/conversations/connect", { address, otherAddress, ...message });
  }

  /** The messages that a phone has received: sender and text. */
  async function received(phone: string) {
    const inbox = await system.current.account.inbox(phone);
    return inbox.filter(({ direction }) => direction === "in").map(({ from, body }) => [from, body]);
  }

  /** The error codes of a conversation's latest message; 0 if it was delivered. */
  async function latestErrors(conversationSid: string) {
    const { messages } = system.current.account.conversations(conversationSid);
    const [latest] = await messages.list({ order: "desc", limit: 1 });
    const receipts = await messages(latest?.sid ?? "").deliveryReceipts.list();
    return receipts.map(({ errorCode }) => errorCode);
  }

  const approvedTemplate = () =>
    system.current.account.template({ "twilio/text": { body: "Hello {{1}}, write to us." } }, "approved");

  it("Cross-Channel Masking: Connecting WhatsApp to SMS, until the window closes and afterwards", async () => {
    await system.current.clear(Date.now() - 25 * HOUR);
    const { account } = system.current;
    // Steps 1 to 3: the conversation, the WhatsApp participant, the SMS participant
    const connected = await connect(CUSTOMER, SMS_USER);
    expect(connected).toMatchObject({
      status: 201,
      body: { status: "connected", proxyAddress: WHATSAPP_SENDER, otherProxyAddress: SMS_SENDER },
    });
    const conversationSid = String(connected.body.conversationSid);
    // Step 4: Send a message from WhatsApp. "You'll see the messages flowing back and forth automatically."
    await account.send(CUSTOMER, WHATSAPP_SENDER, "Are you on your way?");
    await account.send(SMS_USER, SMS_SENDER, "In ten minutes");
    expect(await received(SMS_USER)).toEqual([[SMS_SENDER, "Are you on your way?"]]);
    expect(await received(CUSTOMER)).toEqual([[WHATSAPP_SENDER, "In ten minutes"]]);

    // "These messages and media will flow just fine for the next 24 hours."
    await account.emulator.advance(25 * HOUR);
    await account.send(SMS_USER, SMS_SENDER, "Are you there?");
    expect(await latestErrors(conversationSid)).toEqual([63016]);
    const news = { conversationSid, body: NEWS };
    expect(await call("/whatsapp/send", news)).toMatchObject({
      status: 409,
      body: { code: "window_closed" },
    });
    const template = { contentSid: await approvedTemplate(), contentVariables: { "1": "Robert" } };
    expect((await call("/whatsapp/send", { ...news, ...template })).body).toMatchObject({
      sent: "template",
      reason: "window_closed",
    });
    for (const [phone, sender] of [
      [CUSTOMER, WHATSAPP_SENDER],
      [SMS_USER, SMS_SENDER],
    ] as const) {
      expect((await received(phone)).at(-1)).toEqual([sender, "Hello Robert, write to us."]);
    }

    // The customer's reply opens the window again.
    await account.send(CUSTOMER, WHATSAPP_SENDER, "Yes, sorry");
    expect((await call("/whatsapp/send", { ...news, ...template })).body).toMatchObject({
      sent: "text",
      reason: "window_open",
    });
    expect((await received(CUSTOMER)).at(-1)).toEqual([WHATSAPP_SENDER, NEWS]);
  });

  it("Masked Communication: Connecting Two WhatsApp Participants", async () => {
    const { account } = system.current;
    // Steps 1 to 3: the conversation and its two participants
    const { body: connected } = await connect(COURIER, CUSTOMER);
    const conversationSid = String(connected.conversationSid);
    // Steps 4 and 5: each sends a message; "both WhatsApp-based parties must reply"
    await account.send(COURIER, WHATSAPP_SENDER, "I am at your door");
    expect(await latestErrors(conversationSid)).toEqual([63016]);
    await account.send(CUSTOMER, WHATSAPP_SENDER, "Who is it?");
    await account.send(COURIER, WHATSAPP_SENDER, "Your pizza");
    expect(await received(COURIER)).toEqual([[WHATSAPP_SENDER, "Who is it?"]]);
    expect(await received(CUSTOMER)).toEqual([[WHATSAPP_SENDER, "Your pizza"]]);

    // "Each number pair (twilio+personal) can only appear in one conversation at a time."
    const next = "whatsapp:+15558675399";
    expect(await connect(COURIER, next)).toMatchObject({
      status: 409,
      body: { code: "proxy_addresses_taken", field: "address" },
    });
    await call("/conversations/close", { conversationSid });

    // "Starting More Professionally: Using Template Messages": it is delivered to people who have never written.
    const template = { contentSid: await approvedTemplate(), contentVariables: { "1": "both" } };
    expect((await connect(COURIER, next, template)).body).toMatchObject({ status: "connected" });
    expect(await received(next)).toEqual([[WHATSAPP_SENDER, "Hello both, write to us."]]);
    await account.send(next, WHATSAPP_SENDER, "Hello?");
    expect((await received(COURIER)).at(-1)).toEqual([WHATSAPP_SENDER, "Hello?"]);
    expect(await account.conversations(conversationSid).messages.list()).toHaveLength(3);
  });

  it("a text during whose delivery the window closes is followed by the template, once", async () => {
    // An hour has passed since the customers' messages for the handlers, 25 for WhatsApp.
    await system.current.clear(Date.now() - HOUR);
    const { account } = system.current;
    const { body: connected } = await connect(COURIER, CUSTOMER);
    const conversationSid = String(connected.conversationSid);
    for (const person of [COURIER, CUSTOMER]) await account.send(person, WHATSAPP_SENDER, "Hi");
    await account.emulator.advance(25 * HOUR);
    const template = { contentSid: await approvedTemplate(), contentVariables: { "1": "Alicia" } };
    const order = { conversationSid, body: NEWS, ...template, idempotencyKey: "order-7" };
    expect((await call("/whatsapp/send", order)).body).toMatchObject({ sent: "text", followUp: "waiting" });
    expect((await call("/whatsapp/send", order)).body).toMatchObject({
      status: "existing",
      followUp: "handled",
    });
    for (const person of [COURIER, CUSTOMER]) {
      expect((await received(person)).at(-1)).toEqual([WHATSAPP_SENDER, "Hello Alicia, write to us."]);
    }
    const { messages, webhooks } = account.conversations(conversationSid);
    const sent = (await messages.list()).slice(2);
    expect(sent.map(({ body, contentSid }) => contentSid ?? body)).toEqual([NEWS, template.contentSid]);
    expect(await webhooks.list()).toEqual([]);
  });

  it("Trying out WhatsApp: a WhatsApp user and a chat user exchange messages through the sandbox number", async () => {
    const { account } = system.current;
    const sandbox = account.emulator.whatsappNumber;
    // Step 2: Create a Conversation
    const { sid: conversationSid } = await account.conversations.create({ friendlyName: "sandbox-test" });
    // Step 3: Add a WhatsApp Participant to the Conversation
    const me = { conversationSid, address: CUSTOMER, proxyAddress: sandbox };
    const { body: added } = await call("/conversations/add-participant", me);
    expect(added).toMatchObject({ status: "added", conversationSid });
    // Step 4: Add a chat Participant to the Conversation
    await call("/conversations/add-participant", { conversationSid, identity: "chat-user" });
    // Step 5: Send a Message from WhatsApp to the Sandbox number
    await account.send(CUSTOMER, sandbox, "Hello sandbox");
    // Step 6: Reply to the message
    const reply = { body: "Hello from the other side 👋🏼", author: "chat-user" };
    expect((await call("/whatsapp/send", { address: CUSTOMER, ...reply })).body).toMatchObject({
      conversationSid,
      sent: "text",
    });
    expect(await received(CUSTOMER)).toEqual([[sandbox, reply.body]]);

    // Step 7: the logs
    const reader = { sub: "service", scope: "conversations:read" };
    const who = { identity: "chat-user" };
    expect((await system.current.call("/conversations/find", who, reader)).body).toMatchObject({
      status: "found",
      conversationSid,
      friendlyName: "sandbox-test",
    });
    const messages = await account.conversations(conversationSid).messages.list();
    expect(messages.map(({ author, body }) => [author, body])).toEqual([
      [CUSTOMER, "Hello sandbox"],
      ["chat-user", reply.body],
    ]);
    expect(messages[0]?.participantSid).toBe(added.participantSid);
  });
});
