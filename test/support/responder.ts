import { CUSTOMER, type System } from "./system.ts";

export const PATH = "/webhooks/conversation";
export const HOURS = "We are here from nine to five.";
export const PRICE = "It is 7 € a month.";
export const DEFAULT = "Say hours, price, or agent.";
export const CUSTOMER_TEXT = "One moment, somebody will be with you.";
export const PERSON_TEXT = "A customer asks for you.";
export const CLOSED = "We are closed.";

export const SETTINGS = {
  author: "helper",
  answers: [
    { keywords: ["hours", "opening hours", "Öffnungszeiten", "営業時間"], text: HOURS },
    { keywords: ["price", "how much"], ids: ["menu_price"], text: PRICE },
  ],
  handOver: {
    keywords: ["agent", "human"],
    identities: ["alice", "bob"],
    customerText: CUSTOMER_TEXT,
    personText: PERSON_TEXT,
  },
  defaultText: DEFAULT,
  exceptAuthors: ["other-bot"],
  botAttribute: "bot",
  mostAnswersPerHour: 4,
};

/** A conversation with the customer as participant and the responder's webhook. */
export async function attended(system: System) {
  const { emulator } = system.account;
  const conversation = await system.account.conversation();
  await conversation.participants.create({
    "messagingBinding.address": CUSTOMER,
    "messagingBinding.proxyAddress": emulator.whatsappNumber,
  });
  const { sid: webhookSid } = await conversation.webhooks.create({
    target: "webhook",
    "configuration.url": `${system.url}${PATH}`,
    "configuration.method": "post",
    "configuration.filters": ["onMessageAdded"],
  });
  return { conversation, webhookSid };
}

/** The logged outcomes of the messages, in order. */
export async function results(system: System): Promise<string[]> {
  return (await system.outcomes(PATH)).map(({ status, reason }) =>
    reason === undefined ? String(status) : `${status}: ${reason}`,
  );
}

/** An event in Twilio's format, for cases that no emulated phone can cause. */
export function deliver(system: System, change: Record<string, string>, { without = "" } = {}) {
  const fields = {
    EventType: "onMessageAdded",
    ConversationSid: `CH${"0".repeat(32)}`,
    MessageSid: `IM${"0".repeat(32)}`,
    WebhookSid: `WH${"0".repeat(32)}`,
    Author: CUSTOMER,
    Source: "WHATSAPP",
    Body: "hours",
    Attributes: "{}",
    ...change,
  };
  const form = Object.fromEntries(Object.entries(fields).filter(([name]) => name !== without));
  return system.deliver(PATH, form);
}

/** Sends the events of several messages concurrently. @returns the responder's messages afterwards. */
export async function answersAtOnce(
  system: System,
  bodies: readonly string[],
  sentAt: Date,
): Promise<string[]> {
  const { conversation, webhookSid } = await attended(system);
  const { sid } = await conversation.fetch();
  const events = bodies.map((body, index) => ({
    ConversationSid: sid,
    WebhookSid: webhookSid,
    MessageSid: `IM${String(index).repeat(32)}`,
    DateCreated: sentAt.toISOString(),
    Body: body,
  }));
  await Promise.all(events.map((event) => deliver(system, event)));
  return (await conversation.messages.list()).map(({ body }) => body).sort();
}
