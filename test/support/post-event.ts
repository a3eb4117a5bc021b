import { getExpectedTwilioSignature } from "twilio/lib/webhooks/webhooks.js";
import type { System } from "./system.ts";

const PATH = "/webhooks/post-event";

/** Configures the emulator to send all events to `webhooks/post-event`. */
export async function listen({ account, url }: System): Promise<void> {
  await account.client.conversations.v1.configuration
    .webhooks()
    .update({ postWebhookUrl: `${url}${PATH}`, method: "POST" });
}

/** Sends an event directly, signed as by Twilio. @returns the answer's status. */
export async function postEvent(
  { account: { emulator }, url: base }: System,
  fields: Record<string, string>,
  token?: string,
): Promise<number> {
  const form = { AccountSid: emulator.accountSid, RetryCount: "0", ...fields };
  const url = `${base}${PATH}`;
  const headers = {
    "x-twilio-signature": getExpectedTwilioSignature(emulator.authToken, url, form),
    ...(token !== undefined && { "i-twilio-idempotency-token": token }),
  };
  const response = await fetch(url, { method: "POST", headers, body: new URLSearchParams(form) });
  await response.text();
  return response.status;
}

/** The same, and waits until the event is handled. */
export async function sendEvent(system: System, fields: Record<string, string>): Promise<number> {
  const status = await postEvent(system, fields);
  await system.settle();
  return status;
}

/** The logged outcomes of handled events, oldest first. */
export function handled(log: string): Record<string, unknown>[] {
  return linesOf(log, "handled");
}

/** The log lines with one of these event names. */
export function linesOf(log: string, ...events: readonly string[]): Record<string, unknown>[] {
  const lines = log.split("\n").filter((line) => events.some((event) => line.includes(`"event":"${event}"`)));
  return lines.map((line) => JSON.parse(line.slice(line.indexOf("{"))) as Record<string, unknown>);
}
