import type { Context, SQSBatchItemFailure, SQSBatchResponse, SQSEvent, SQSRecord } from "aws-lambda";
import { readWaiting } from "../aws/event-queue.ts";
import { Call } from "../call.ts";
import type { Environment } from "../environment.ts";
import type { Handler, OpenHandler } from "../handler.ts";
import { createLog, type LogSink } from "../log.ts";
import { opener, standardOutput, TIME_TO_ANSWER_MS } from "./opener.ts";

/**
 * Runs a handler on the events that `queueFront` has put into an SQS FIFO queue.
 *
 * Groups go on beside each other, and within a group one event after the other. An event that the handler answers with
 * 429 or 5xx is reported as failed, with all that stand behind it in its group, so that the queue delivers them again in
 * order (`ReportBatchItemFailures`). One that is refused with another 4xx would be refused for ever, and is dropped with an
 * error in the log.
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
  const opened = opener(handler, name, environment, sink);
  return async ({ Records }: SQSEvent, context: Context): Promise<SQSBatchResponse> => {
    const open = await opened();
    const handle = (record: SQSRecord) => isHandled(record, open, context, sink, name);
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

/** @returns whether the event needs no other attempt. */
async function isHandled(
  { messageId, body, attributes }: SQSRecord,
  open: OpenHandler,
  context: Context,
  sink: LogSink,
  name: string,
): Promise<boolean> {
  // Not the invocation's own id, which all records of a batch share.
  const requestId = `${messageId}-${attributes.ApproximateReceiveCount}`;
  const call = new Call(requestId, Date.now() + context.getRemainingTimeInMillis() - TIME_TO_ANSWER_MS);
  const { status } = await answerOf(body, open, call);
  if (status < 400) return true;
  if (status === 429 || status >= 500) return false;
  createLog(sink, { requestId, handler: name }).error("event_dropped", { messageId, status });
  return true;
}

async function answerOf(body: string, open: OpenHandler, call: Call): Promise<{ readonly status: number }> {
  try {
    return await open.answer(readWaiting(body), call);
  } catch (error) {
    return open.fail(error, call);
  }
}
