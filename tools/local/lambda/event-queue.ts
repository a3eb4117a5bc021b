import { createHash, randomUUID } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import type { SQSBatchResponse, SQSEvent } from "aws-lambda";
import { isSignedByRole } from "./aws-signature.ts";

/** As in the template: the attempts before an event becomes a dead letter. A batch has one event. */
const MOST_RECEIVES = 4;

interface Message {
  readonly id: string;
  /** The endpoint of its queue. */
  readonly endpoint: string;
  readonly group: string;
  readonly body: string;
  receives: number;
}

/** Runs the function behind an endpoint's queue on one batch. */
export type Invoke = (endpoint: string, event: SQSEvent) => Promise<SQSBatchResponse>;

/** The queue's part of the URL. */
const queueNameOf = (endpoint: string): string => `${endpoint.replaceAll("/", "_")}.fifo`;

/** The URL of an endpoint's queue, below the URL of all queues. */
export const queueUrlOf = (queuesUrl: string, endpoint: string): string =>
  `${queuesUrl}/${queueNameOf(endpoint)}`;

/**
 * Emulates the SQS FIFO queues of the endpoints and Lambda's poller: accepts `SendMessage` over HTTP with a valid signature,
 * drops messages with a used deduplication id, passes single ones to the consumer in the order of each group, and redelivers
 * failed ones immediately until they become dead letters. Groups do not wait for each other.
 *
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/FIFO-queues-understanding-logic.html
 */
export class EventQueue {
  readonly deadLetters: string[] = [];
  /** The messages passed to the consumer, as groups and receive counts. */
  readonly deliveries: { readonly group: string; readonly receives: number }[] = [];
  /** How many events the consumers have handled since the start, successfully or not. */
  handled = 0;
  /** Answers every request with this status instead, while it is set. */
  failWith: number | undefined;
  /** Runs before failed events are delivered again: SQS waits for minutes, in which late requests take effect. */
  beforeRedelivery: (() => Promise<void>) | undefined;
  #failNext: number | undefined;
  readonly #server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { status, body } = this.#answer(request, Buffer.concat(chunks));
    response.writeHead(status, { "content-type": "application/x-amz-json-1.0" }).end(JSON.stringify(body));
  });
  readonly #waiting: Message[] = [];
  readonly #used = new Map<string, string>();
  readonly #busy = new Set<string>();
  #invoke: Invoke | undefined;
  #whenIdle: (() => void)[] = [];

  static async start(): Promise<EventQueue> {
    const queue = new EventQueue();
    await new Promise<void>((resolve) => queue.#server.listen(0, "127.0.0.1", resolve));
    return queue;
  }

  /** The base URL of the queues: see {@link queueUrlOf}. */
  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/123456789012`;
  }

  /** Resets the queue: the five minutes of deduplication are over. */
  clear(): void {
    this.deadLetters.length = 0;
    this.deliveries.length = 0;
    this.failWith = undefined;
    this.#used.clear();
  }

  /** Answers only the next request with this status. */
  failOnce(status: number): void {
    this.#failNext = status;
  }

  /** Adds a message without `SendMessage`. */
  put(endpoint: string, group: string, body: string): void {
    this.#waiting.push({ id: randomUUID(), endpoint, group, body, receives: 0 });
    this.#poll();
  }

  /** Starts delivering messages. */
  consume(invoke: Invoke): void {
    this.#invoke = invoke;
    this.#poll();
  }

  get isIdle(): boolean {
    return this.#waiting.length === 0 && this.#busy.size === 0;
  }

  /** Resolves when no event is waiting or in progress. */
  idle(): Promise<void> {
    return this.isIdle ? Promise.resolve() : new Promise((resolve) => this.#whenIdle.push(resolve));
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  #answer(request: IncomingMessage, body: Buffer): { status: number; body: object } {
    const failure = this.#failNext ?? this.failWith;
    this.#failNext = undefined;
    if (failure !== undefined) return { status: failure, body: { __type: "InternalFailure" } };
    if (!isSignedByRole(request, body, "sqs"))
      return { status: 403, body: { __type: "SignatureDoesNotMatch" } };
    if (request.headers["x-amz-target"] !== "AmazonSQS.SendMessage") {
      return { status: 400, body: { __type: "UnknownOperationException" } };
    }
    const message = JSON.parse(body.toString("utf8")) as Record<string, string>;
    const { QueueUrl, MessageBody = "", MessageGroupId = "", MessageDeduplicationId = "" } = message;
    const endpoint = QueueUrl?.slice(this.url.length + 1, -".fifo".length).replaceAll("_", "/") ?? "";
    if (endpoint === "" || QueueUrl !== queueUrlOf(this.url, endpoint))
      return { status: 400, body: { __type: "QueueDoesNotExist" } };
    if (MessageBody === "" || MessageGroupId === "" || MessageDeduplicationId === "") {
      return { status: 400, body: { __type: "MissingParameter" } };
    }
    const MD5OfMessageBody = createHash("md5").update(MessageBody).digest("hex");
    const deduplication = `${endpoint} ${MessageGroupId} ${MessageDeduplicationId}`;
    const used = this.#used.get(deduplication);
    const MessageId = used ?? randomUUID();
    if (used === undefined) {
      this.#used.set(deduplication, MessageId);
      const message = { id: MessageId, endpoint, group: MessageGroupId, body: MessageBody, receives: 0 };
      this.#waiting.push(message);
      this.#poll();
    }
    return { status: 200, body: { MessageId, MD5OfMessageBody, SequenceNumber: "1" } };
  }

  #poll(): void {
    if (this.#invoke === undefined) return;
    const next = this.#waiting.find((message) => !this.#busy.has(groupOf(message)));
    if (next !== undefined) {
      void this.#handle(next, this.#invoke);
      this.#poll();
    } else if (this.isIdle) for (const resolve of this.#whenIdle.splice(0)) resolve();
  }

  async #handle(message: Message, invoke: Invoke): Promise<void> {
    const group = groupOf(message);
    this.#busy.add(group);
    message.receives += 1;
    this.deliveries.push({ group: message.group, receives: message.receives });
    const hasFailed = await invoke(message.endpoint, { Records: [recordOf(message)] }).then(
      ({ batchItemFailures }) => batchItemFailures.length > 0,
      () => true,
    );
    if (hasFailed) await this.beforeRedelivery?.();
    this.handled += 1;
    const isDead = hasFailed && message.receives >= MOST_RECEIVES;
    if (isDead) this.deadLetters.push(message.body);
    if (isDead || !hasFailed) this.#waiting.splice(this.#waiting.indexOf(message), 1);
    this.#busy.delete(group);
    this.#poll();
  }
}

/** Groups of different queues do not wait for each other. */
const groupOf = ({ endpoint, group }: Message): string => `${endpoint} ${group}`;

const recordOf = ({ id, group, body, receives }: Message): SQSEvent["Records"][number] => ({
  messageId: id,
  receiptHandle: id,
  body,
  attributes: {
    ApproximateReceiveCount: String(receives),
    SentTimestamp: "1773342238000",
    SenderId: "AROAEXAMPLE",
    ApproximateFirstReceiveTimestamp: "1773342238000",
    MessageGroupId: group,
    MessageDeduplicationId: id,
    SequenceNumber: "1",
  },
  messageAttributes: {},
  md5OfBody: createHash("md5").update(body).digest("hex"),
  eventSource: "aws:sqs",
  eventSourceARN: "arn:aws:sqs:eu-central-1:123456789012:events.fifo",
  awsRegion: "eu-central-1",
});
