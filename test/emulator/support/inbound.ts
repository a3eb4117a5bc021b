import type { Bench } from "./emulator.ts";
import type { Receiver } from "./receiver.ts";

/** Lets strangers' messages make conversations, and hears of everything at the account's webhooks. */
export async function autocreating(b: Bench, rule: Record<string, unknown> = {}): Promise<Receiver> {
  await b.autocreate(rule);
  const receiver = await b.receiver();
  const { configuration } = b.client.conversations.v1;
  await configuration.webhooks().update({ preWebhookUrl: receiver.url, postWebhookUrl: receiver.url });
  return receiver;
}
