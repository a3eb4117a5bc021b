import type { Context, SQSBatchItemFailure, SQSBatchResponse, SQSEvent, SQSRecord } from "aws-lambda";
import { Call } from "../call.ts";
import type { Environment } from "../environment.ts";
import type { Handler, OpenHandler } from "../handler.ts";
import { createLog, type LogSink } from "../log.ts";
import type { Request, Response } from "../request.ts";
import { readKeys } from "../state/keys.ts";
import { scaled } from "../time-scale.ts";
import { type Opener, opener, standardOutput, TIME_TO_ANSWER_MS, withCurrentSecrets } from "./opener.ts";
import { readQueued } from "./queued-request.ts";

/**
 * Runs a handler on the events that `queueFront` has put into an SQS FIFO queue.
 *
 * Groups are handled concurrently, and the events of a group one after the other. An event that fails is reported as failed,
 * with all later ones of its group, so that the queue delivers them again in order (`ReportBatchItemFailures`), and moves
 * those that always fail to the dead-letter queue: Twilio was sent a 200 for them, so none may be lost. An event that the
 * handler rejects, and would reject again, is not repeated, since its conversation would wait for that: it is logged as
 * `left_unanswered`, for which the template has an alarm.
 *
 * `queueFront` signs the events that it has verified, and only that MAC is checked here: the auth token may have changed
 * since. An event without a valid MAC is verified with the auth tokens.
 *
 * @returns the function's `handler` export.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
 */
export function queueConsumer(
  handler: Handler,
  name: string,
  environment: Environment = process.env,
  sink: LogSink = standardOutput,
) {
  const open = (settings: Environment): Consumer => {
    const keys = readKeys(settings);
    return {
      handler: handler.open(settings, sink, name),
      read: (message) => readQueued(keys, message),
    };
  };
  const consumers = opener(open, name, environment, sink);
  return async ({ Records }: SQSEvent, context: Context): Promise<SQSBatchResponse> => {
    const handle = (record: SQSRecord) => isHandled(record, consumers, context, sink, name);
    const groups = new Set(Records.map(({ attributes }) => attributes.MessageGroupId));
    const failures = await Promise.all(
      [...groups].map((group) =>
        failuresOf(
          Records.filter(({ attributes }) => attributes.MessageGroupId === group),
          handle,
        ),
      ),
    );
    return { batchItemFailures: failures.flat() };
  };
}

async function failuresOf(
  records: readonly SQSRecord[],
  handle: (record: SQSRecord) => Promise<boolean>,
): Promise<SQSBatchItemFailure[]> {
  for (const [index, record] of records.entries()) {
    if (await handle(record)) continue;
    return records.slice(index).map(({ messageId }) => ({ itemIdentifier: messageId }));
  }
  return [];
}

/** A handler, and the function that reads its events. */
interface Consumer {
  readonly handler: OpenHandler;
  read(message: string): Request;
}

/** @returns whether the event was handled, so that it need not be delivered again. */
async function isHandled(
  { messageId, body, attributes }: SQSRecord,
  consumers: Opener<Consumer>,
  context: Context,
  sink: LogSink,
  name: string,
): Promise<boolean> {
  // Not the invocation's own id, which all records of a batch share.
  const requestId = `${messageId}-${attributes.ApproximateReceiveCount}`;
  const end = Date.now() + scaled(context.getRemainingTimeInMillis() - TIME_TO_ANSWER_MS);
  const call = new Call(requestId, end, { isQueued: true });
  const { status, body: result, about } = await withCurrentSecrets(consumers, call, answerTo(body));
  const log = createLog(sink, { requestId, handler: name });
  const isRejected = status >= 400 && status < 500 && !MAY_CHANGE.has(status);
  if (status < 400) log.info("event_handled", { messageId, result });
  else
    log.error(isRejected ? "left_unanswered" : "event_not_handled", { messageId, ...about, status, result });
  return status < 400 || isRejected;
}

/** Rejections that depend on the deployment's secrets, or on time: 401, 403, 408 and 429. */
const MAY_CHANGE: ReadonlySet<number> = new Set([401, 403, 408, 429]);

/** The handler's answer, with what the event is about. */
interface Outcome extends Pick<Response, "status" | "body"> {
  readonly about: { readonly conversationSid?: unknown; readonly messageSid?: unknown };
}

const answerTo =
  (body: string) =>
  async ({ handler, read }: Consumer, call: Call): Promise<Outcome> => {
    try {
      const request = read(body);
      const { ConversationSid: conversationSid, MessageSid: messageSid } = request.fields;
      return { ...(await handler.answer(request, call)), about: { conversationSid, messageSid } };
    } catch (error) {
      return { ...handler.fail(error, call), about: {} };
    }
  };
