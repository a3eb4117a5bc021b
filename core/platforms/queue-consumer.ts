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
 * Groups go on beside each other, and within a group one event after the other. An event that the handler answers with
 * 4xx or 5xx is reported as failed, with all that stand behind it in its group, so that the queue delivers them again in
 * order (`ReportBatchItemFailures`), and puts aside what fails each time: Twilio was told that it is taken, so none is dropped.
 *
 * What `queueFront` has verified it has signed, and that is what counts here: the auth token may have changed since. An event
 * that it has not signed is tried with the auth tokens.
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

/** A handler, and how its events are read. */
interface Consumer {
  readonly handler: OpenHandler;
  read(message: string): Request;
}

/** @returns whether the event needs no other attempt. */
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
  const { status, body: result } = await withCurrentSecrets(consumers, call, answerTo(body));
  const log = createLog(sink, { requestId, handler: name });
  if (status < 400) log.info("event_handled", { messageId, result });
  else log.error("event_not_handled", { messageId, status, result });
  return status < 400;
}

const answerTo =
  (body: string) =>
  async ({ handler, read }: Consumer, call: Call): Promise<Response> => {
    try {
      return await handler.answer(read(body), call);
    } catch (error) {
      return handler.fail(error, call);
    }
  };
