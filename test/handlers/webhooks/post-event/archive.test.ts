import { createHmac } from "node:crypto";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { isSignedByRole } from "../../../../tools/local/lambda/aws-signature.ts";
import { type Received, startReceiver } from "../../../emulator/support/receiver.ts";
import { awsLambda, platforms } from "../../../support/platforms.ts";
import { linesOf, listen, sendEvent } from "../../../support/post-event.ts";
import { type System, useSystem } from "../../../support/system.ts";

const PERSON = "+15558675310";
const SECRET = "a secret that the receiver has, too";

/** The receiver's first statuses; 200 after that. */
const answers: number[] = [];
const receiver = await startReceiver((_request, response) => {
  response.writeHead(answers.shift() ?? 200).end();
});
beforeEach(() => {
  receiver.received.length = 0;
  answers.length = 0;
});
afterAll(() => receiver.close());

/** Creates a conversation with every kind of content and closes it. */
async function closedConversation(system: System, bodies: readonly string[] = ["Hello"]) {
  const { account } = system;
  await listen(system);
  const conversation = await account.conversation({ friendlyName: "About a parcel" });
  await conversation.participants.create({ identity: "agent" });
  const { sid: participantSid } = await conversation.participants.create({
    "messagingBinding.address": PERSON,
    "messagingBinding.proxyAddress": account.emulator.smsNumber,
  });
  await account.send(PERSON, account.emulator.smsNumber, {
    body: "See",
    media: ["https://example.com/a.jpg"],
  });
  for (const body of bodies) await conversation.messages.create({ author: "agent", body });
  await system.settle();
  const { sid } = await conversation.update({ state: "closed", xTwilioWebhookEnabled: "true" });
  await system.settle();
  return { sid, participantSid };
}

const recordsOf = (lines: string): Record<string, unknown>[] =>
  lines
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Record<string, unknown>);

/** The expected archive of such a conversation. */
function expectWhole(lines: string, { sid, participantSid }: { sid: string; participantSid: string }): void {
  const media = [
    expect.objectContaining({
      url: expect.stringMatching(/^https:\/\/mcs\.us1\.twilio\.com\/v1\/Services\/IS\w+\/Media\/ME\w+$/),
    }),
  ];
  expect(recordsOf(lines)).toMatchObject([
    { kind: "conversation", sid, friendlyName: "About a parcel", state: "closed" },
    { kind: "participant", identity: "agent" },
    { kind: "participant", sid: participantSid, messagingBinding: { address: PERSON } },
    { kind: "message", index: 0, author: PERSON, body: "See", media, receipts: [] },
    { kind: "message", index: 1, author: "agent", receipts: [{ participantSid, status: "delivered" }] },
    { kind: "end", messages: 2 },
  ]);
}

/** The archives in a log by conversation, each joined from its parts. */
function archivesIn(log: string): Map<unknown, string> {
  const archives = new Map<unknown, string>();
  for (const { file, ndjson } of linesOf(log, "archive")) {
    const conversationSid = String(file).replace(".ndjson", "");
    archives.set(conversationSid, `${archives.get(conversationSid) ?? ""}${ndjson}`);
  }
  return archives;
}

describe.each(platforms)("webhooks/post-event on $name, archiving into the log", (platform) => {
  const system = useSystem(platform, { POST_EVENT_REACTIONS: JSON.stringify({ archive: "log" }) });

  it("writes the complete closed conversation", async () => {
    const log = system.current.logFromHere();
    const conversation = await closedConversation(system.current);
    await expect.poll(() => archivesIn(log()).has(conversation.sid)).toBe(true);
    expectWhole(archivesIn(log()).get(conversation.sid) ?? "", conversation);
  });

  it("splits an archive that is too long for one line", async () => {
    const log = system.current.logFromHere();
    // A split never divides a surrogate pair, at an even or an odd index.
    const bodies = ["x".repeat(30_000), "😀".repeat(8_000), `x${"😀".repeat(8_000)}`, "😀".repeat(8_000)];
    const { sid } = await closedConversation(system.current, bodies);
    // A process's output arrives later than its answers.
    await expect
      .poll(() => linesOf(log(), "archive").at(-1))
      .toSatisfy((last) => last !== undefined && last.part === last.parts);
    const lines = linesOf(log(), "archive");
    expect(lines.length).toBeGreaterThan(1);
    const numbers = lines.map(({ part, parts }) => [part, parts]);
    expect(numbers).toEqual(lines.map((_line, index) => [index + 1, lines.length]));
    for (const { ndjson } of lines) expect(ndjson).not.toMatch(/\p{Surrogate}/u);
    const messages = recordsOf(archivesIn(log()).get(sid) ?? "").filter(({ kind }) => kind === "message");
    expect(messages.map(({ body }) => body)).toEqual(["See", ...bodies]);
  });

  it("does nothing when a conversation becomes inactive, or is deleted", async () => {
    const log = system.current.logFromHere();
    await listen(system.current);
    const conversation = await system.current.account.conversation();
    await conversation.update({ state: "inactive", xTwilioWebhookEnabled: "true" });
    await conversation.remove({ xTwilioWebhookEnabled: "true" });
    await system.current.settle();
    expect(archivesIn(log()).size).toBe(0);
  });
});

describe.each(platforms)("webhooks/post-event on $name, archiving to a service", (platform) => {
  const system = useSystem(platform, {
    POST_EVENT_REACTIONS: JSON.stringify({ archive: { url: `${receiver.url}/archive/` } }),
    HOOK_SECRET: SECRET,
  });

  it("uploads it under the conversation's SID, with a signature that the service can verify", async () => {
    const conversation = await closedConversation(system.current);
    const [request, ...others] = receiver.received;
    expect(others).toEqual([]);
    expect(request).toMatchObject({ method: "PUT", url: `/archive/${conversation.sid}.ndjson` });
    expectWhole(request?.body ?? "", conversation);
    expect(request && isSignedByHookSecret(request)).toBe(true);
  });

  it("uploads the same content when the event is delivered again", async () => {
    const { sid } = await closedConversation(system.current);
    const event = { EventType: "onConversationStateUpdated", ConversationSid: sid };
    await sendEvent(system.current, { ...event, StateFrom: "active", StateTo: "closed" });
    const [first, second] = receiver.received;
    expect(second?.body).toBe(first?.body);
    expect(second?.headers["webhook-id"]).toBe(first?.headers["webhook-id"]);
  });

  it("logs the failure, and retries on Lambda until it is stored; on Functions somebody sends the event again", async () => {
    answers.push(503, 404);
    const log = system.current.logFromHere();
    const conversation = await closedConversation(system.current);
    const failures = () => linesOf(log(), "reaction_failed");
    const { queue } = system.current.deployment;
    await expect.poll(failures).toHaveLength(queue === undefined ? 1 : 2);
    expect(failures()[0]).toMatchObject({
      level: "error",
      reaction: "archive",
      conversationSid: conversation.sid,
    });
    expect(receiver.received).toHaveLength(queue === undefined ? 1 : 3);
    expect(queue?.deadLetters ?? []).toEqual([]);
    if (queue !== undefined) return;
    // A closed conversation takes no webhook that would deliver it again.
    const { sid } = conversation;
    await expect
      .poll(() => linesOf(log(), "put_back", "left_unanswered"))
      .toMatchObject([{ event: "left_unanswered", conversationSid: sid, cause: { code: 50377 } }]);
    answers.length = 0;
    const event = { EventType: "onConversationStateUpdated", ConversationSid: sid };
    expect(await sendEvent(system.current, { ...event, StateFrom: "active", StateTo: "closed" })).toBe(200);
    expect(receiver.received.at(-1)?.url).toBe(`/archive/${sid}.ndjson`);
    expectWhole(receiver.received.at(-1)?.body ?? "", conversation);
  });
});

/** Verifies it as a service does (https://www.standardwebhooks.com). */
function isSignedByHookSecret({ headers, body }: Received): boolean {
  const content = `${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${body}`;
  const signature = createHmac("sha256", SECRET).update(content).digest("base64");
  const age = Date.now() / 1_000 - Number(headers["webhook-timestamp"]);
  return headers["webhook-signature"] === `v1,${signature}` && Math.abs(age) < 300;
}

describe("webhooks/post-event on AWS Lambda, archiving to S3", () => {
  const system = useSystem(awsLambda, {
    POST_EVENT_REACTIONS: JSON.stringify({
      archive: { bucket: "my-archive", prefix: "conversations/(old) é/" },
    }),
    AWS_ENDPOINT_URL_S3: receiver.url,
  });

  it("uploads the object to the bucket with the credentials of the function's role", async () => {
    const conversation = await closedConversation(system.current);
    const [request, ...others] = receiver.received;
    expect(others).toEqual([]);
    expect(request).toMatchObject({
      method: "PUT",
      url: `/my-archive/conversations/%28old%29%20%C3%A9/${conversation.sid}.ndjson`,
    });
    expect(request && isSignedByRole(request, request.body, "s3")).toBe(true);
    expectWhole(request?.body ?? "", conversation);
  });

  it("keeps the event as a dead letter when the bucket keeps rejecting it", async () => {
    answers.push(403, 403, 403, 403);
    const { sid } = await closedConversation(system.current);
    const { queue } = system.current.deployment;
    expect(queue?.deadLetters).toHaveLength(1);
    expect(queue?.deadLetters[0]).toContain(sid);
    expect(receiver.received).toHaveLength(4);
  });
});
