import { CUSTOMER, type System } from "./system.ts";

export const TEXT = "Your parcel is at the door.";
export const TEMPLATE = "Hello Robert, your parcel is waiting.";
export const RECEIPT_PATH = "/whatsapp/send-receipt";
export const HOUR = 3_600_000;

/** Calls `whatsapp/send`, and creates conversations for it. */
export function whatsappSend(system: { readonly current: System }) {
  const conversation = (sid: string) => system.current.account.conversations(sid);

  async function converse(...people: readonly string[]): Promise<string> {
    const { sid } = await system.current.account.conversations.create();
    for (const address of people) {
      await conversation(sid).participants.create({
        "messagingBinding.address": address,
        "messagingBinding.proxyAddress": system.current.account.emulator.whatsappNumber,
      });
    }
    return sid;
  }

  /** A conversation in which the customer wrote that long ago, by the handlers' clock. */
  async function conversedAgo(ms: number): Promise<string> {
    await system.current.clear(Date.now() - ms);
    const sid = await converse(CUSTOMER);
    await system.current.send(CUSTOMER, "Where is it?");
    await system.current.account.emulator.advance(ms);
    return sid;
  }

  const template = (status = "approved") =>
    system.current.account.template({ "twilio/text": { body: TEMPLATE.replace("Robert", "{{1}}") } }, status);

  /** Sends, with the fallback template, and waits for all effects. */
  async function send(sid: string, change: Record<string, unknown> = {}) {
    const input = {
      conversationSid: sid,
      body: TEXT,
      contentSid: await template(),
      contentVariables: { "1": "Robert" },
      ...change,
    };
    const answer = await system.current.call("/whatsapp/send", input);
    await system.current.settle();
    return answer;
  }

  return { conversation, converse, conversedAgo, template, send };
}
