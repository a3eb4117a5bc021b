import { describe, expect, it } from "vitest";
import { outcomes, setPhone } from "../../emulator/support/outbound.ts";
import { platforms } from "../../support/platforms.ts";
import { listen } from "../../support/post-event.ts";
import { step } from "../../support/steps.ts";
import { useSystem } from "../../support/system.ts";

const SMS_USER = "+15558675310";
const WHATSAPP_USER = "whatsapp:+15558675311";
const PAGE = "messenger:1048223";
const DAY = 24 * 60 * 60 * 1000;

/** The guide "Delivery Receipts in Conversations", where a failure is followed up by `webhooks/post-event`. */
describe.each(platforms)("Delivery Receipts in Conversations, through the bundles on $name", (platform) => {
  const system = useSystem(platform, {
    POST_EVENT_REACTIONS: JSON.stringify({
      followUp: [
        { errors: ["outside-window"], do: "retry-on-another-channel" },
        { errors: ["opted-out"], do: "close" },
        { do: "tell-agent" },
      ],
    }),
  });
  const call = (path: string, input: object) => step(system.current, path, input);

  /** An agent on chat and the recipients, by address, each with sender and attributes. */
  async function begin(people: readonly (readonly [string, string, object?])[]) {
    const { account } = system.current;
    // "Update the onDeliveryUpdated Webhook URL"
    await listen(system.current);
    const { sid: conversationSid } = await account.conversations.create({ friendlyName: "Support" });
    await call("/conversations/add-participant", { conversationSid, identity: "agent" });
    const sids: string[] = [];
    for (const [address, proxyAddress, attributes = {}] of people) {
      const person = { conversationSid, address, proxyAddress, attributes };
      sids.push(String((await call("/conversations/add-participant", person)).body.participantSid));
    }
    return { conversationSid, conversation: account.conversations(conversationSid), sids };
  }

  /** The agent sends a message. @returns the response, and the receipt of each recipient. */
  async function write(conversationSid: string, body: string) {
    const answer = await call("/conversations/send", { conversationSid, author: "agent", body });
    const messageSid = String(answer.body.messageSid);
    const conversation = system.current.account.conversations(conversationSid);
    return { ...answer.body, messageSid, outcomes: await outcomes(conversation, messageSid) };
  }

  /** The failures that apps see on a message. */
  async function failuresOf(conversationSid: string, messageSid: string): Promise<unknown> {
    const message = await system.current.account.conversations(conversationSid).messages(messageSid).fetch();
    return JSON.parse(message.attributes).deliveryFailures;
  }

  it("a Chat user, an SMS participant and a WhatsApp participant: sent, delivered, read", async () => {
    const { account } = system.current;
    const { smsNumber, whatsappNumber } = account.emulator;
    await account.send(WHATSAPP_USER, whatsappNumber, "Is anybody there?");
    const { conversationSid, conversation } = await begin([
      [SMS_USER, smsNumber],
      [WHATSAPP_USER, whatsappNumber],
    ]);
    await setPhone(account, WHATSAPP_USER, "off");
    const sent = await write(conversationSid, "Your order is on its way");
    expect(sent).not.toHaveProperty("warning");
    expect(sent.outcomes).toEqual(["delivered", "sent"]);
    await setPhone(account, WHATSAPP_USER, "on");
    await account.control("POST", `/phones/${encodeURIComponent(WHATSAPP_USER)}/read`);
    await system.current.settle();
    expect(await outcomes(conversation, sent.messageSid)).toEqual(["delivered", "read"]);
    const { delivery } = await conversation.messages(sent.messageSid).fetch();
    expect(delivery).toMatchObject({ total: 2, delivered: "all", read: "some", undelivered: "none" });
    // Without failures there are no notices.
    expect(await failuresOf(conversationSid, sent.messageSid)).toBeUndefined();
  });

  it("a message that some channels do not support: a warning at once, and a notice to the agent", async () => {
    const { account } = system.current;
    const { smsNumber, whatsappNumber } = account.emulator;
    await account.control("POST", "/numbers", { address: PAGE });
    await account.send(WHATSAPP_USER, whatsappNumber, "Tell me everything");
    const { conversationSid, sids } = await begin([
      [SMS_USER, smsNumber],
      [WHATSAPP_USER, whatsappNumber],
      ["messenger:7012345", PAGE],
    ]);
    const long = await write(conversationSid, "x".repeat(1_601));
    expect(long).toMatchObject({
      status: "sent",
      warning: `Participants on messenger and sms and whatsapp (${sids.join(", ")}) do not get this message: it is longer than 1600 characters.`,
    });
    expect(long.outcomes.every((outcome) => /^(failed|undelivered) /.test(outcome))).toBe(true);
    expect(Object.keys(Object(await failuresOf(conversationSid, long.messageSid))).sort()).toEqual(
      [...sids].sort(),
    );
  });

  it("a number that is not in service: the failure is in the message's attributes", async () => {
    const { account } = system.current;
    const { conversationSid, conversation, sids } = await begin([[SMS_USER, account.emulator.smsNumber]]);
    await setPhone(account, SMS_USER, "unknown");
    const lost = await write(conversationSid, "Are you still there?");
    expect(lost.outcomes).toEqual(["undelivered 30005"]);
    expect(await failuresOf(conversationSid, lost.messageSid)).toEqual({
      [sids[0] ?? ""]: { status: "undelivered", errorCode: 30005 },
    });
    expect((await conversation.fetch()).state).toBe("active");
  });

  it("a WhatsApp participant outside the window: the message is repeated by SMS, and answered there", async () => {
    const { account } = system.current;
    const { smsNumber, whatsappNumber } = account.emulator;
    await account.send(WHATSAPP_USER, whatsappNumber, "Where is it?");
    const otherChannel = { address: SMS_USER, proxyAddress: smsNumber };
    const { conversationSid, conversation } = await begin([
      [WHATSAPP_USER, whatsappNumber, { otherChannel }],
    ]);
    await account.emulator.advance(DAY);
    const late = await write(conversationSid, "It is here");
    expect(late.outcomes).toEqual(["undelivered 63016"]);
    expect(await system.current.received(SMS_USER)).toEqual(["It is here"]);
    expect(await system.current.received(WHATSAPP_USER)).toEqual([]);

    await account.send(SMS_USER, smsNumber, "I am coming");
    // Messages to and from the SMS participant are not repeated.
    await write(conversationSid, "See you");
    expect(await system.current.received(SMS_USER)).toEqual(["It is here", "See you"]);
    expect((await conversation.messages.list()).map(({ author, body }) => [author, body])).toEqual([
      ["agent", "It is here"],
      ["agent", "It is here"],
      [SMS_USER, "I am coming"],
      ["agent", "See you"],
    ]);
  });

  it("a person who has sent STOP: the conversation closes, which frees the number pair", async () => {
    const { account } = system.current;
    const { smsNumber } = account.emulator;
    const { conversationSid, conversation } = await begin([[SMS_USER, smsNumber]]);
    await account.send(SMS_USER, smsNumber, "STOP");
    const refused = await write(conversationSid, "Good to hear");
    expect(refused.outcomes).toEqual(["failed 21610"]);
    expect((await conversation.fetch()).state).toBe("closed");
    await account.send(SMS_USER, smsNumber, "START");
    const { conversationSid: next } = await begin([[SMS_USER, smsNumber]]);
    expect((await write(next, "Welcome back")).outcomes).toEqual(["delivered"]);
  });
});
