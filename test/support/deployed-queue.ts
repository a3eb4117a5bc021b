import { randomUUID } from "node:crypto";
import type { SQSBatchResponse } from "aws-lambda";
import { getExpectedTwilioSignature } from "twilio/lib/webhooks/webhooks.js";
import type { TestAccount } from "../emulator/support/emulator.ts";
import type { LambdaRuntime } from "./lambda-runtime.ts";
import type { Moto } from "./moto.ts";
import { PATH } from "./responder.ts";

const DOMAIN = "api.example";

type Form = Readonly<Record<string, string>>;

interface Message {
  readonly MessageId: string;
  readonly ReceiptHandle: string;
  readonly Body: string;
  readonly Attributes: Readonly<Record<string, string>>;
}

/** One attempt of the consumer at a message. */
interface Attempt {
  readonly attempt: number;
  readonly isHandled: boolean;
}

interface Functions {
  readonly front: LambdaRuntime;
  readonly consumer: LambdaRuntime;
}

/** The deployed queue of `webhooks/conversation` with its functions, and Lambda's poller, which Moto lacks. */
export class DeployedQueue {
  readonly #cloud: Moto;
  readonly #url: string;
  readonly #deadUrl: string;
  readonly #functions: Functions;

  private constructor(cloud: Moto, urls: readonly [string, string], functions: Functions) {
    this.#cloud = cloud;
    [this.#url, this.#deadUrl] = urls;
    this.#functions = functions;
  }

  /** @param name The queue's logical name in the template. */
  static async find(cloud: Moto, name: string, functions: Functions): Promise<DeployedQueue> {
    const { QueueUrls } = await cloud.call<{ QueueUrls: string[] }>("sqs", "AmazonSQS.ListQueues", {});
    const urlOf = (queue: string) => {
      const found = QueueUrls.find((url) => url.endsWith(`-${queue}.fifo`));
      if (found === undefined) throw new Error(`The stack has no queue ${queue}, only ${QueueUrls.join()}`);
      return found;
    };
    return new DeployedQueue(cloud, [urlOf(name), urlOf(`Dead${name}`)], functions);
  }

  /** Sends a signed webhook to the function in front of the queue, as an HTTP API passes it on. */
  send(authToken: string, form: Form, idempotencyToken: string): Promise<unknown> {
    const signature = getExpectedTwilioSignature(authToken, `https://${DOMAIN}${PATH}`, { ...form });
    return this.#functions.front.invoke({
      version: "2.0",
      routeKey: `POST ${PATH}`,
      rawPath: PATH,
      rawQueryString: "",
      headers: {
        host: DOMAIN,
        "content-type": "application/x-www-form-urlencoded; charset=utf-8",
        "x-twilio-signature": signature,
        "i-twilio-idempotency-token": idempotencyToken,
      },
      requestContext: { domainName: DOMAIN, http: { method: "POST", path: PATH }, requestId: "1" },
      body: new URLSearchParams(form).toString(),
      isBase64Encoded: false,
    });
  }

  /** Puts any text into the queue. */
  async put(group: string | undefined, body: string): Promise<void> {
    const ids = { MessageGroupId: group, MessageDeduplicationId: randomUUID() };
    await this.#sqs("SendMessage", { QueueUrl: this.#url, MessageBody: body, ...ids });
  }

  /** Passes messages to the consumer until the queue is empty. What fails is visible again at once. */
  async drain(): Promise<Attempt[]> {
    const attempts: Attempt[] = [];
    for (;;) {
      const { Messages = [] } = await this.#sqs<{ Messages?: Message[] }>("ReceiveMessage", {
        ...{ QueueUrl: this.#url, MaxNumberOfMessages: 1, AttributeNames: ["All"], WaitTimeSeconds: 0 },
      });
      if (Messages.length === 0) return attempts;
      const result = await this.#functions.consumer.invoke({ Records: Messages.map(recordOf) });
      const failures = (result as SQSBatchResponse).batchItemFailures;
      const failed = new Set(failures.map(({ itemIdentifier }) => itemIdentifier));
      for (const { MessageId, ReceiptHandle } of Messages) {
        const message = { QueueUrl: this.#url, ReceiptHandle };
        if (failed.has(MessageId))
          await this.#sqs("ChangeMessageVisibility", { ...message, VisibilityTimeout: 0 });
        else await this.#sqs("DeleteMessage", message);
      }
      for (const { MessageId, Attributes } of Messages)
        attempts.push({
          attempt: Number(Attributes.ApproximateReceiveCount),
          isHandled: !failed.has(MessageId),
        });
    }
  }

  async countDead(): Promise<number> {
    const { Attributes } = await this.#sqs<{ Attributes: Record<string, string> }>("GetQueueAttributes", {
      ...{ QueueUrl: this.#deadUrl, AttributeNames: ["ApproximateNumberOfMessages"] },
    });
    return Number(Attributes.ApproximateNumberOfMessages);
  }

  #sqs<Result>(operation: string, body: object): Promise<Result> {
    return this.#cloud.call("sqs", `AmazonSQS.${operation}`, body);
  }
}

const recordOf = ({ MessageId, ReceiptHandle, Body, Attributes }: Message) => ({
  ...{ messageId: MessageId, receiptHandle: ReceiptHandle, body: Body, attributes: Attributes },
  ...{ messageAttributes: {}, eventSource: "aws:sqs" },
});

/** A conversation in which the customer has asked something, and the event of that message for the responder. */
export async function asked(account: TestAccount, customer: string, body: string) {
  const conversation = await account.conversation();
  const { sid: participantSid } = await conversation.participants.create({
    "messagingBinding.address": customer,
    "messagingBinding.proxyAddress": account.emulator.whatsappNumber,
  });
  // The test delivers the events itself.
  const { sid: webhookSid } = await conversation.webhooks.create({
    target: "webhook",
    "configuration.url": `https://${DOMAIN}${PATH}`,
    "configuration.filters": ["onConversationStateUpdated"],
  });
  await account.send(customer, account.emulator.whatsappNumber, body);
  const [message] = await conversation.messages.list();
  const { sid } = await conversation.fetch();
  const event = {
    EventType: "onMessageAdded",
    ConversationSid: sid,
    MessageSid: message?.sid ?? "",
    ParticipantSid: participantSid,
    WebhookSid: webhookSid,
    Author: customer,
    Source: "WHATSAPP",
    Body: body,
    Attributes: "{}",
    Index: "0",
    DateCreated: (message?.dateCreated ?? new Date()).toISOString(),
  };
  return { conversation, event };
}
