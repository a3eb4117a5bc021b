import type { WebhookInstance } from "twilio/lib/rest/conversations/v1/conversation/webhook.js";
import type { ConversationContext } from "twilio/lib/rest/conversations/v1/conversation.js";
import type { Call } from "../call.ts";
import { omitUndefined } from "../omit-undefined.ts";
import type { Sid } from "../sid.ts";
import { createCarefully, searchUntilSettled } from "./once.ts";

/** Whether a scoped webhook attaches a flow. */
export const isOfFlow =
  (flowSid: string) =>
  ({ configuration }: WebhookInstance): boolean =>
    configuration.flow_sid === flowSid;

/**
 * Attaches a Studio flow to a conversation, unless it is attached (docs: Connecting Studio to Conversations).
 *
 * @param replayAfter Index of the first earlier message that the flow receives.
 * @param settlesAt Until then a webhook of an earlier invocation may still appear, in milliseconds since the epoch.
 * @returns the scoped webhook, and whether this call has created it.
 */
export async function attachFlow(
  { webhooks }: ConversationContext,
  { flowSid, replayAfter }: { readonly flowSid: Sid<"FW">; readonly replayAfter?: number | undefined },
  call: Call,
  settlesAt = 0,
): Promise<{ readonly webhook: WebhookInstance; readonly isAdded: boolean }> {
  const find = async () => (await webhooks.list()).find(isOfFlow(flowSid));
  const existing = await searchUntilSettled({ find, call }, settlesAt);
  if (existing) return { webhook: existing, isAdded: false };
  const create = () =>
    webhooks.create({
      target: "studio",
      "configuration.flowSid": flowSid,
      ...omitUndefined({ "configuration.replayAfter": replayAfter }),
    });
  return { webhook: await createCarefully({ create, find, call }), isAdded: true };
}
