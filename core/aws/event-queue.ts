import { createHash } from "node:crypto";
import { readEnvironment, urlVariable } from "../environment.ts";
import { UpstreamFailed } from "../errors.ts";
import type { Resource } from "../handler.ts";
import { sendRequest } from "../http.ts";
import { writeQueued } from "../platforms/queued-request.ts";
import type { Request } from "../request.ts";
import { keyEntries, readKeys } from "../state/keys.ts";
import { scaled } from "../time-scale.ts";
import { type AwsAccess, errorCodeOf, roleAccess, signV4, type UnsignedRequest } from "./signature-v4.ts";

const entries = { EVENT_QUEUE_URL: urlVariable(), ...keyEntries };
/** Two attempts fit into Twilio's limit of five seconds. */
const LONGEST_ATTEMPT_MS = 2_000;

const IDEMPOTENCY_TOKEN = "i-twilio-idempotency-token";

/** Puts a webhook's request into the queue. */
export type Enqueue = (request: Request) => Promise<void>;

/**
 * The queue in which events wait on Lambda: an SQS FIFO queue. Events of one conversation are a group, whose order the
 * queue keeps; those of users, which belong to no conversation, are a group by service. An event that Twilio delivers
 * again within five minutes is one message, by the `I-Twilio-Idempotency-Token` that both deliveries carry.
 *
 * Variables: `EVENT_QUEUE_URL`, the keys of records, which sign the queued requests, and those that Lambda sets.
 *
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
 */
export const eventQueue: Resource<Enqueue> = {
  entries,
  open(environment) {
    const { EVENT_QUEUE_URL: url } = readEnvironment(entries, environment);
    const access = roleAccess(environment);
    const keys = readKeys(environment);
    return () => async (request) => {
      const body = JSON.stringify({
        QueueUrl: url,
        MessageBody: writeQueued(keys, request),
        MessageGroupId: groupOf(request.fields),
        MessageDeduplicationId: deduplicationId(request),
      });
      await send({ method: "POST", url: `${new URL(url).origin}/`, headers: HEADERS, body }, access);
    };
  },
};

const HEADERS = { "content-type": "application/x-amz-json-1.0", "x-amz-target": "AmazonSQS.SendMessage" };

/** Sends it, and repeats that once after a failure: the queue discards a duplicate by its deduplication id. */
async function send(request: UnsignedRequest, access: AwsAccess): Promise<void> {
  const attempt = async () => {
    const headers = signV4(request, access, "sqs", Date.now());
    const answer = await sendRequest({ ...request, headers, timeoutMs: scaled(LONGEST_ATTEMPT_MS) });
    if (answer.status !== 200) throw new Error(`${answer.status}: ${errorCodeOf(answer.body)}`);
  };
  await attempt()
    .catch(attempt)
    .catch((cause: unknown) => {
      throw new UpstreamFailed("The queue did not accept the event.", { cause });
    });
}

const isGroup = (sid: unknown): sid is string => typeof sid === "string" && /^\w{1,128}$/.test(sid);

const groupOf = ({ ConversationSid, ChatServiceSid }: Request["fields"]): string =>
  [ConversationSid, ChatServiceSid].find(isGroup) ?? "others";

function deduplicationId({ headers, raw }: Request): string {
  const token = headers.get(IDEMPOTENCY_TOKEN);
  if (token !== undefined && /^[\w-]{1,128}$/.test(token)) return token;
  return createHash("sha256").update(`${raw?.query}\n${raw?.body}`).digest("hex");
}
