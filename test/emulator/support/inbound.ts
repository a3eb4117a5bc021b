import type { TestAccount } from "./emulator.ts";
import type { Receiver } from "./receiver.ts";

/** Enables autocreation, and sends all events of the account to a receiver. */
export async function autocreating(
  account: TestAccount,
  rule: Record<string, unknown> = {},
): Promise<Receiver> {
  await account.autocreate(rule);
  const receiver = await account.receiver();
  const { configuration } = account.client.conversations.v1;
  await configuration.webhooks().update({ preWebhookUrl: receiver.url, postWebhookUrl: receiver.url });
  return receiver;
}
