import type { WebhookContext } from "twilio/lib/rest/conversations/v1/conversation/webhook.js";
import * as v from "valibot";
import { InvalidInput, isWorthRepeating, Misconfigured } from "../../../core/errors.ts";
import type { Log } from "../../../core/log.ts";
import { omitUndefined } from "../../../core/omit-undefined.ts";
import { CARRIED, carried, carry } from "../../../core/state/carried.ts";
import type { SendContext } from "../../../core/state/send-once.ts";
import { removeIfPresent, settlesAtOf } from "../../../core/twilio/once.ts";
import { addWebhook } from "../../../core/twilio/own-webhook.ts";
import type { Event } from "./event.ts";

/** How often an event is delivered again at once. After that, the conversation's next message delivers it. */
const MOST_ATTEMPTS = 3;

/** An event that could not be handled, in the URL of the scoped webhook that delivers it again. */
const pendingEvent = v.object({
  /** Those of its fields on which the reactions depend. */
  fields: v.record(v.string(), v.string()),
  attempt: v.number(),
  /** See {@link SendContext}. */
  settlesAt: v.exactOptional(v.number()),
});
type PendingEvent = v.InferOutput<typeof pendingEvent>;

/** The pending event in the fields of an event, if a webhook of {@link deliverAgain} has delivered it. @throws {InvalidInput} */
export function readPending({
  [CARRIED]: text,
}: Readonly<Record<string, unknown>>): PendingEvent | undefined {
  if (text === undefined) return undefined;
  const read = v.safeParse(carried(pendingEvent), text);
  if (read.success) return read.output;
  throw new InvalidInput(`${CARRIED} ${read.issues[0].message}`, { field: CARRIED });
}

/** The fields on which the reactions depend, except those that every event has. */
const NEEDED = [
  "EventType",
  "Source",
  "MessageSid",
  "ParticipantSid",
  "Status",
  "ErrorCode",
  "StateFrom",
  "StateTo",
] as const;

/** An event with the fields of the message's event by which Twilio delivers it again. */
export const restored = (
  { fields }: PendingEvent,
  { AccountSid, ConversationSid, ChatServiceSid }: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> => ({
  ...omitUndefined({ AccountSid, ConversationSid, ChatServiceSid }),
  ...fields,
});

/** What a failed invocation knows. */
export interface Failed {
  readonly event: Event;
  readonly publicBaseUrl: string | undefined;
  /** If a webhook has delivered the event again: what its URL contains, and the webhook. */
  readonly pending: PendingEvent | undefined;
  readonly webhook: WebhookContext | undefined;
  readonly error: unknown;
}

/** Has the event delivered again after a temporary failure, or logs `left_unanswered`. */
export async function deliverAgain(
  context: Omit<SendContext, "state"> & { readonly log: Log },
  failed: Failed,
): Promise<void> {
  const { conversationSid, call, log } = context;
  const { event, webhook, error } = failed;
  const messageSid = "MessageSid" in event ? event.MessageSid : undefined;
  const about = { conversationSid, messageSid, error };
  call.spendReserve();
  try {
    if (!isWorthRepeating(error)) throw error;
    const isAtOnce = await putBack(context, failed);
    if (webhook) await removePutBack(webhook, log);
    if (isAtOnce) log.warn("put_back", about);
    else log.error("left_unanswered", about);
  } catch (cause) {
    log.error("left_unanswered", { ...about, cause });
  }
}

/**
 * Creates a scoped webhook that delivers the event to `webhooks/post-event` again: Twilio repeats no post-action event, but
 * replays messages to a new scoped webhook (docs: Conversation scoped webhook resource, ReplayAfter). It replays the latest
 * message; in a conversation without messages, and after three attempts, the next message delivers the event.
 *
 * @returns whether it is delivered again at once.
 */
async function putBack(
  { conversation, call }: Pick<SendContext, "conversation" | "call">,
  { event, publicBaseUrl, pending, error }: Failed,
): Promise<boolean> {
  const attempt = (pending?.attempt ?? 0) + 1;
  const given: Readonly<Record<string, unknown>> = event;
  const fields = Object.fromEntries(
    NEEDED.flatMap((name) => (given[name] === undefined ? [] : [[name, String(given[name])]])),
  );
  const content = omitUndefined({ fields, attempt, settlesAt: settlesAtOf(error) });
  const url = publicBaseUrl && carry(`${publicBaseUrl}/webhooks/post-event`, content);
  if (!url) throw new Misconfigured("Environment: PUBLIC_BASE_URL is missing or too long.");
  const isAtOnce = attempt <= MOST_ATTEMPTS;
  const [latest] = isAtOnce ? await conversation.messages.list({ order: "desc", limit: 1 }) : [];
  const webhook = { url, event: "onMessageAdded" as const, replayAfter: latest?.index };
  await addWebhook(conversation, omitUndefined(webhook), call);
  return isAtOnce;
}

/** Deletes the webhook that has delivered an event again. If it stays, it delivers the event once more. */
export async function removePutBack(webhook: WebhookContext, log: Log): Promise<void> {
  await removeIfPresent(() => webhook.remove()).catch((error: unknown) => {
    log.warn("webhook_left", { error });
  });
}
