import { describe, expect, it } from "vitest";
import { useAccount } from "../emulator/support/emulator.ts";

const fixture = useAccount();
const customer = "whatsapp:+14155550101";
const courier = "whatsapp:+14155550102";

/** The steps of "Using WhatsApp with Conversations", Starting More Professionally: Using Template Messages. */
describe("the courier example", () => {
  it("invites the customer by template, connects the courier by template, and relays their messages", async () => {
    const account = fixture.current;
    const proxy = account.emulator.whatsappNumber;
    const handler = await account.receiver();
    const question = {
      body: "Hello {{1}}, may {{2}} write to you?",
      actions: [{ title: "Yes" }, { title: "No" }],
    };
    const invite = await account.template({ "twilio/quick-reply": question }, "approved");
    const connect = await account.template(
      { "twilio/text": { body: "You're now connected. Say hello!" } },
      "approved",
    );

    const conversation = await account.conversation();
    for (const address of [customer, courier]) {
      await conversation.participants.create({
        "messagingBinding.address": address,
        "messagingBinding.proxyAddress": proxy,
      });
    }
    await conversation.webhooks.create({
      target: "webhook",
      "configuration.url": `${handler.url}/customer-optin`,
      "configuration.method": "post",
      "configuration.filters": ["onMessageAdded"],
    });
    await conversation.messages.create({
      author: courier,
      contentSid: invite,
      contentVariables: JSON.stringify({ 1: "Robert", 2: "Alicia" }),
    });
    await account.emulator.settle();
    expect(await account.inbox(courier)).toEqual([]);
    expect(await account.inbox(customer)).toMatchObject([
      {
        direction: "in",
        from: proxy,
        body: "Hello Robert, may Alicia write to you?",
        buttons: ["Yes", "No"],
      },
    ]);
    expect(handler.received).toEqual([]);

    await account.send(customer, proxy, { button: "Yes" });
    expect(handler.received.map(({ fields }) => Object.fromEntries(fields))).toMatchObject([
      { EventType: "onMessageAdded", Body: "Yes", Author: customer, Source: "WHATSAPP", Index: "1" },
    ]);

    await conversation.messages.create({ body: "Great! Just a moment while we connect you…" });
    await conversation.messages.create({ author: customer, contentSid: connect });
    await account.emulator.settle();
    expect((await account.inbox(customer)).map(({ body }) => body)).toEqual([
      "Hello Robert, may Alicia write to you?",
      "Yes",
      "Great! Just a moment while we connect you…",
    ]);
    expect((await account.inbox(courier)).map(({ body }) => body)).toEqual([
      "You're now connected. Say hello!",
    ]);

    await account.send(courier, proxy, "I am at the blue door");
    await account.send(customer, proxy, "Coming down");
    expect((await account.inbox(customer)).at(-2)?.body).toBe("I am at the blue door");
    expect((await account.inbox(courier)).at(-1)?.body).toBe("Coming down");
  });
});
