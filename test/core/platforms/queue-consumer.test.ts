import type { SQSEvent } from "aws-lambda";
import { getExpectedTwilioSignature } from "twilio/lib/webhooks/webhooks.js";
import * as v from "valibot";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { SIGNATURE_SETTINGS, signedByTwilio } from "../../../core/access/signed-by-twilio.ts";
import { HandlerError } from "../../../core/errors.ts";
import { defineHandler } from "../../../core/handler.ts";
import { lambdaHandler } from "../../../core/platforms/lambda.ts";
import { queueConsumer } from "../../../core/platforms/queue-consumer.ts";
import { queueFront } from "../../../core/platforms/queue-front.ts";
import { readQueued, writeQueued } from "../../../core/platforms/queued-request.ts";
import type { Request } from "../../../core/request.ts";
import { readKeys } from "../../../core/state/keys.ts";
import { role } from "../../../tools/local/lambda/aws-signature.ts";
import { EventQueue, queueUrlOf } from "../../../tools/local/lambda/event-queue.ts";
import { requestWith } from "../../support/request.ts";

const AUTH_TOKEN = "the auth token of the account";
const environment = { AUTH_TOKEN, STATE_SECRET: "the secret that signs records" };
const keys = readKeys(environment);
const URL_OF_EVENTS = "https://api.example.com/webhooks/post-event";

/** An event as the front has received it. */
function received(fields: Record<string, string>, signedWith = AUTH_TOKEN) {
  const signature = getExpectedTwilioSignature(signedWith, URL_OF_EVENTS, fields);
  return requestWith({
    url: URL_OF_EVENTS,
    headers: new Map([["x-twilio-signature", signature]]),
    raw: {
      query: "",
      body: new URLSearchParams(fields).toString(),
      type: "application/x-www-form-urlencoded",
    },
    publicBaseUrl: "https://api.example.com",
  });
}

describe("a request in a queue", () => {
  const request = requestWith({
    headers: new Map([
      ["x-twilio-signature", "abc"],
      [SIGNATURE_SETTINGS, "key=one"],
      ["authorization", "secret"],
    ]),
    raw: { query: "a=1&bodySHA256=ff", body: '{"b":[2]}', type: "application/json" },
    publicBaseUrl: "https://example.com",
  });

  it("is restored with what Twilio has signed, and counts as verified", () => {
    const restored = readQueued(keys, writeQueued(keys, request));
    expect({ ...restored, fields: { ...restored.fields } }).toEqual({
      ...request,
      headers: new Map([
        ["x-twilio-signature", "abc"],
        [SIGNATURE_SETTINGS, "key=one"],
      ]),
      fields: { a: "1", b: [2] },
      bodyHash: "ff",
      isVerified: true,
    });
    const plain = readQueued(
      keys,
      writeQueued(keys, requestWith({ raw: { query: "", body: "", type: "" } })),
    );
    expect([...plain.headers]).toEqual([["x-twilio-signature", ""]]);
  });

  it("stays verified when a later version of the deployment reads it", () => {
    const of = (parts: Partial<Request>) => JSON.parse(writeQueued(keys, requestWith(parts)));
    const shortest =
      '{"signature":"","raw":{"query":"","body":"","type":""},"keyId":"C_yInQ","mac":"jWZ8ewlxT72vfMur9Mto5g"}';
    expect(of({ method: undefined, url: undefined })).toEqual(JSON.parse(shortest));
    const { isVerified, method, url, raw, publicBaseUrl } = readQueued(keys, shortest);
    expect({ isVerified, method, url, raw, publicBaseUrl }).toEqual({
      isVerified: true,
      raw: { query: "", body: "", type: "" },
    });
  });

  it.each([
    ["method", { method: "GET" }],
    ["url", { url: "https://evil.example" }],
    ["query", { raw: { ...request.raw, query: "a=2" } }],
    ["body", { raw: { ...request.raw, body: '{"b":3}' } }],
    ["type", { raw: { ...request.raw, type: "application/problem+json" } }],
    ["publicBaseUrl", { publicBaseUrl: "https://evil.example" }],
    ["mac", { mac: "AAAAAAAAAAAAAAAAAAAAAA" }],
    ["mac", { mac: undefined }],
    ["keyId", { keyId: "AAAAAA" }],
    ["keyId", { keyId: undefined }],
  ])("is not verified when its %s was changed", (_part, change) => {
    const message = JSON.stringify({ ...JSON.parse(writeQueued(keys, request)), ...change });
    expect(readQueued(keys, message)).not.toHaveProperty("isVerified");
  });

  it("is verified with any key of a rotation", () => {
    const message = writeQueued(keys, request);
    const rotated = readKeys({ STATE_SECRET: `the next secret for records,${environment.STATE_SECRET}` });
    expect(readQueued(rotated, message)).toHaveProperty("isVerified", true);
    expect(readQueued(readKeys({ STATE_SECRET: "the next secret for records" }), message)).not.toHaveProperty(
      "isVerified",
    );
  });

  it.each(["", "text", "[]", "null", "{}", '{"signature":"a"}', '{"signature":"a","raw":{"query":"a"}}'])(
    "is not read from %j, and the message is not quoted",
    (message) => {
      expect(() => readQueued(keys, message)).toThrow("A message of the queue is no event.");
    },
  );
});

describe("queueConsumer", () => {
  const handled: string[] = [];
  const lines: string[] = [];
  const handler = defineHandler({
    access: signedByTwilio,
    input: v.looseObject({ id: v.string(), answer: v.optional(v.string(), "200") }),
    run: async ({ id, answer }, { call }) => {
      handled.push(id);
      const status = Number(answer);
      if (status !== 200) throw new HandlerError(status, "as_told", "As told.");
      return { id, requestId: call.requestId, isQueued: call.isQueued, left: call.end - Date.now() };
    },
  });
  const consume = queueConsumer(handler, "webhooks/post-event", environment, (_level, line) =>
    lines.push(line),
  );
  const record = (messageId: string, group: string, body: string) =>
    ({
      messageId,
      body,
      attributes: { MessageGroupId: group, ApproximateReceiveCount: "2" },
    }) as SQSEvent["Records"][number];
  const event = (id: string, answer = "200") =>
    writeQueued(keys, received({ id, answer, ConversationSid: "CH1", MessageSid: "IM1" }));
  const run = async (...Records: SQSEvent["Records"]) => {
    handled.length = 0;
    lines.length = 0;
    const context = { getRemainingTimeInMillis: () => 30_000 };
    const { batchItemFailures } = await consume({ Records }, context as never);
    return batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
  };
  const logged = () => lines.map((line) => JSON.parse(line)).filter((line) => line.messageId !== undefined);
  beforeEach(() => void vi.useFakeTimers({ toFake: ["Date"] }));
  afterEach(() => void vi.useRealTimers());

  it("handles the events of a batch, as calls from a queue with their own ids and half a second less than the function", async () => {
    expect(await run(record("m1", "g1", event("a")), record("m2", "g2", event("b")))).toEqual([]);
    expect(handled.sort()).toEqual(["a", "b"]);
    expect(logged().find(({ messageId }) => messageId === "m1")).toMatchObject({
      level: "info",
      event: "event_handled",
      handler: "webhooks/post-event",
      requestId: "m1-2",
      result: { id: "a", requestId: "m1-2", isQueued: true, left: 29_500 },
    });
  });

  it("reports a failed event and the later ones of its group, which it does not try", async () => {
    const failed = await run(
      record("m1", "g1", event("a")),
      record("m2", "g1", event("b", "503")),
      record("m3", "g2", event("c")),
      record("m4", "g1", event("d")),
      record("m5", "g2", event("e")),
    );
    expect(failed).toEqual(["m2", "m4"]);
    expect(handled.sort()).toEqual(["a", "b", "c", "e"]);
  });

  it.each(["400", "404", "409", "413", "422", "499"])(
    "does not repeat an event that is rejected with %s, and reports it in the log",
    async (status) => {
      expect(await run(record("m1", "g1", event("a", status)), record("m2", "g1", event("b")))).toEqual([]);
      expect(handled).toEqual(["a", "b"]);
      expect(logged()[0]).toMatchObject({
        level: "error",
        event: "left_unanswered",
        conversationSid: "CH1",
        messageSid: "IM1",
        status: Number(status),
        result: { code: "as_told" },
      });
    },
  );

  it.each(["401", "403", "408", "429", "500", "502", "503", "504"])(
    "repeats an event that fails with %s",
    async (status) => {
      expect(await run(record("m1", "g1", event("a", status)))).toEqual(["m1"]);
      expect(logged()).toMatchObject([
        { level: "error", event: "event_not_handled", conversationSid: "CH1", status: Number(status) },
      ]);
    },
  );

  it("repeats a message that is no event, which is not lost either", async () => {
    expect(await run(record("m1", "g1", "{"))).toEqual(["m1"]);
    expect(logged()).toMatchObject([{ event: "event_not_handled", status: 502 }]);
  });

  it("checks its own MAC and not the signature, unless the MAC is invalid", async () => {
    const queuedBy = (secret: string, signedWith: string) =>
      writeQueued(readKeys({ STATE_SECRET: secret }), received({ id: "a" }, signedWith));
    const [own, other] = [environment.STATE_SECRET, "a secret before the rotation"];
    expect(await run(record("m1", "g", queuedBy(own, "an auth token before its rotation")))).toEqual([]);
    expect(await run(record("m1", "g", queuedBy(other, AUTH_TOKEN)))).toEqual([]);
    expect(await run(record("m1", "g", queuedBy(other, "an auth token before its rotation")))).toEqual([
      "m1",
    ]);
    expect(logged()).toMatchObject([{ status: 403, result: { code: "invalid_signature" } }]);
  });
});

describe("queueFront", () => {
  it("puts an event that Twilio has signed into the queue, and no other one", async () => {
    const queue = await EventQueue.start();
    try {
      const settings = {
        ...environment,
        ...role,
        EVENT_QUEUE_URL: queueUrlOf(queue.url, "webhooks/post-event"),
      };
      const front = lambdaHandler(queueFront, "webhooks/post-event", settings, () => undefined);
      const sendSigned = async (signedWith: string) => {
        const { headers, raw } = received({ id: "a", ConversationSid: `CH${"1".repeat(32)}` }, signedWith);
        const gatewayEvent = {
          version: "2.0",
          routeKey: "POST /webhooks/post-event",
          rawPath: "/webhooks/post-event",
          rawQueryString: "",
          headers: { ...Object.fromEntries(headers), "content-type": raw?.type },
          body: raw?.body,
          requestContext: { http: { method: "POST" }, domainName: "api.example.com" },
          isBase64Encoded: false,
        };
        const context = { awsRequestId: "r1", getRemainingTimeInMillis: () => 10_000 };
        return (await front(gatewayEvent as never, context as never)) as { statusCode: number; body: string };
      };
      expect(await sendSigned(AUTH_TOKEN)).toMatchObject({ statusCode: 200, body: '{"status":"queued"}' });
      expect(await sendSigned("the token of somebody else")).toMatchObject({ statusCode: 403 });
      const bodies: string[] = [];
      queue.consume(async (endpoint, { Records }) => {
        bodies.push(...Records.map(({ body }) => `${endpoint} ${body}`));
        return { batchItemFailures: [] };
      });
      await queue.idle();
      expect(bodies).toHaveLength(1);
      const [endpoint, message = ""] = bodies[0]?.split(/ (.*)/s) ?? [];
      expect(endpoint).toBe("webhooks/post-event");
      expect(readQueued(keys, message)).toMatchObject({ isVerified: true, fields: { id: "a" } });
    } finally {
      await queue.close();
    }
  });
});
