import { webhookEvents } from "../domain/webhooks.ts";
import { InputError } from "../input.ts";
import { isSid } from "../sid.ts";
import type { ControlCall, ControlHandler } from "./call.ts";
import { ControlError, readLast } from "./input.ts";

/** The webhook log, oldest first, filtered by the query. */
export const listWebhooks: ControlHandler = ({ runtime, query }) => {
  const { conversationSid, event, after, failed } = readFilters(query);
  const webhooks = runtime.webhooks.attempts
    .entries()
    .filter((attempt) => conversationSid === undefined || attempt.conversationSid === conversationSid)
    .filter((attempt) => event === undefined || attempt.event === event)
    .filter((attempt) => attempt.id > after)
    .filter((attempt) => failed === undefined || (attempt.error !== null) === failed)
    .slice(-readLast(query));
  return { status: 200, body: { webhooks } };
};

/** One attempt of the log. */
export const readWebhook: ControlHandler = (call) => ({ status: 200, body: attemptOf(call) });

/** Repeats the delivery of an attempt, and returns the new attempt when it has ended. */
export const redeliverWebhook: ControlHandler = async (call) => {
  const attempt = await call.runtime.webhooks.redeliver(attemptOf(call));
  return { status: 201, body: attempt };
};

function attemptOf({ runtime, params }: ControlCall) {
  const attempt = runtime.webhooks.attempts.entries().find(({ id }) => `${id}` === params.get("id"));
  if (attempt !== undefined) return attempt;
  throw new ControlError(404, `The log has no webhook ${params.get("id")}; it keeps the latest 10,000`);
}

/** Events of Conversations, and those of the messaging webhooks of numbers. */
const events: readonly string[] = [...webhookEvents, "incomingMessage"];

function readFilters(query: URLSearchParams) {
  const conversationSid = query.get("conversationSid") ?? undefined;
  if (conversationSid !== undefined && !isSid("CH", conversationSid))
    throw new InputError("conversationSid", "must be CH and 32 hexadecimal digits");
  const event = query.get("event") ?? undefined;
  if (event !== undefined && !events.includes(event))
    throw new InputError("event", `must be one of ${events.join(", ")}`);
  const after = query.get("after") ?? "0";
  if (!/^\d{1,15}$/.test(after)) throw new InputError("after", "must be the id of an attempt");
  const failed = query.get("failed");
  if (failed !== null && failed !== "true" && failed !== "false")
    throw new InputError("failed", "must be true or false");
  return {
    conversationSid,
    event,
    after: Number(after),
    failed: failed === null ? undefined : failed === "true",
  };
}
