import { UpstreamFailed } from "../errors.ts";
import { sendRequest } from "../http.ts";
import { scaled } from "../time-scale.ts";
import { type AwsAccess, errorCodeOf, signV4 } from "./signature-v4.ts";

/** Two attempts fit into Twilio's limit of five seconds. */
const LONGEST_ATTEMPT_MS = 2_000;
const HEADERS = { "content-type": "application/x-amz-json-1.0", "x-amz-target": "AmazonSQS.SendMessage" };

/** A message for an SQS FIFO queue. */
export interface QueueMessage {
  readonly body: string;
  /** The messages of a group are delivered one after the other. */
  readonly group: string;
  /** The queue discards a message whose id it has accepted within the last five minutes. */
  readonly deduplicationId: string;
}

/**
 * Puts a message into a queue, and repeats that once after a failure: the queue discards a duplicate by its id.
 *
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
 */
export async function sendToQueue(
  queueUrl: string,
  access: AwsAccess,
  { body, group, deduplicationId }: QueueMessage,
): Promise<void> {
  const request = {
    method: "POST",
    url: `${new URL(queueUrl).origin}/`,
    headers: HEADERS,
    body: JSON.stringify({
      QueueUrl: queueUrl,
      MessageBody: body,
      MessageGroupId: group,
      MessageDeduplicationId: deduplicationId,
    }),
  };
  const attempt = async () => {
    const headers = signV4(request, access, "sqs", Date.now());
    const answer = await sendRequest({ ...request, headers, timeoutMs: scaled(LONGEST_ATTEMPT_MS) });
    if (answer.status !== 200) throw new Error(`${answer.status}: ${errorCodeOf(answer.body)}`);
  };
  await attempt()
    .catch(attempt)
    .catch((cause: unknown) => {
      throw new UpstreamFailed("The queue did not accept the message.", { cause });
    });
}
