import { createHash } from "node:crypto";
import { getExpectedTwilioSignature } from "twilio/lib/webhooks/webhooks.js";
import { describe, expect, it } from "vitest";
import { writeQueued } from "../../../../core/platforms/queued-request.ts";
import type { Request } from "../../../../core/request.ts";
import { readKeys } from "../../../../core/state/keys.ts";
import { ANY_REQUEST, failed, UPDATE_CONVERSATION } from "../../../support/faults.ts";
import { awsLambda } from "../../../support/platforms.ts";
import { handled, linesOf, postEvent } from "../../../support/post-event.ts";
import { useSystem } from "../../../support/system.ts";

const PATH = "webhooks/post-event";

describe("webhooks/post-event on AWS Lambda, through its queue", () => {
  const system = useSystem(awsLambda, { POST_EVENT_REACTIONS: JSON.stringify({ whenInactive: "close" }) });

  const queueOf = () => {
    const { queue } = system.current.deployment;
    if (queue === undefined) throw new Error("AWS Lambda has a queue");
    return queue;
  };
  async function inactiveConversation() {
    const conversation = await system.current.account.conversation();
    const { sid } = await conversation.update({ state: "inactive" });
    const event = { EventType: "onConversationStateUpdated", ConversationSid: sid, StateFrom: "active" };
    return { sid, conversation, event: { ...event, StateTo: "inactive" } };
  }

  it("answers Twilio immediately, and acts afterwards", async () => {
    const { conversation, event } = await inactiveConversation();
    const letPass = await system.current.holdRequests(ANY_REQUEST);
    expect(await postEvent(system.current, event)).toBe(200);
    expect(queueOf().isIdle).toBe(false);
    expect((await conversation.fetch()).state).toBe("inactive");
    await letPass();
    expect((await conversation.fetch()).state).toBe("closed");
  });

  it("keeps the order within a conversation after a failure, and continues with the others", async () => {
    const [one, other] = [await inactiveConversation(), await inactiveConversation()];
    const letPass = await system.current.holdRequests(ANY_REQUEST);
    // Each attempt to close sends three requests.
    await system.current.inject({ ...UPDATE_CONVERSATION, conversation: one.sid }, failed(), { times: 6 });
    const log = system.current.logFromHere();
    // The first is in progress while the others arrive, so that they wait together.
    for (const token of ["t1", "t2", "t3"]) await postEvent(system.current, one.event, token);
    await postEvent(system.current, other.event, "t4");
    await letPass();
    const receives = queueOf()
      .deliveries.filter(({ group }) => group === one.sid)
      .map((message) => message.receives);
    // Those behind the first wait until it is handled, and are received once.
    expect(receives).toEqual([1, 2, 3, 1, 1]);
    await expect
      .poll(() => handled(log()).filter(({ conversationSid }) => conversationSid === one.sid))
      .toMatchObject(
        ["failed", "failed", "closed", "not_any_more", "not_any_more"].map((whenInactive) => ({
          whenInactive,
        })),
      );
    expect(linesOf(log(), "reaction_failed")).toHaveLength(2);
    expect((await other.conversation.fetch()).state).toBe("closed");
    expect(queueOf().deadLetters).toEqual([]);
  });

  it("moves an event that fails four times to the dead-letter queue, and continues with the next one", async () => {
    const { sid, conversation, event } = await inactiveConversation();
    await system.current.inject({ path: `${ANY_REQUEST.path}/${sid}` }, failed());
    await postEvent(system.current, event);
    await system.current.settle();
    expect(queueOf().deadLetters).toHaveLength(1);
    await system.current.clearFaults();
    await postEvent(system.current, event, "another");
    await system.current.settle();
    expect((await conversation.fetch()).state).toBe("closed");
  });

  it.each([
    ["without a conversation", { ConversationSid: "" }],
    ["with a malformed SID", { ConversationSid: "CH123" }],
  ])("reports an event %s once, and does not repeat it", async (_what, change) => {
    const { event } = await inactiveConversation();
    const log = system.current.logFromHere();
    expect(await postEvent(system.current, { ...event, ...change })).toBe(200);
    await system.current.settle();
    await expect
      .poll(() => linesOf(log(), "left_unanswered"))
      .toMatchObject([{ level: "error", status: 400 }]);
    expect(queueOf().deliveries).toHaveLength(1);
    expect(queueOf().deadLetters).toEqual([]);
  });

  it("accepts an event once, identified by Twilio's token or else by its content", async () => {
    const { event } = await inactiveConversation();
    for (const token of ["t1", "t1", undefined, undefined, "not a token!"]) {
      expect(await postEvent(system.current, event, token)).toBe(200);
    }
    await system.current.settle();
    expect(queueOf().deliveries).toHaveLength(2);
  });

  it("sends an event to the queue again after an error, and reports when that fails too", async () => {
    const { conversation, event } = await inactiveConversation();
    queueOf().failOnce(503);
    expect(await postEvent(system.current, event, "t1")).toBe(200);
    await system.current.settle();
    expect((await conversation.fetch()).state).toBe("closed");
    queueOf().failWith = 503;
    expect(await postEvent(system.current, event, "t2")).toBe(502);
    queueOf().failWith = 400;
    expect(await postEvent(system.current, event, "t3")).toBe(502);
  });

  it("rejects events that Twilio has not signed, also from the queue", async () => {
    const { sid, conversation, event } = await inactiveConversation();
    const log = system.current.logFromHere();
    const body = new URLSearchParams(event).toString();
    const forged = {
      method: "POST",
      signature: createHash("sha1").update(body).digest("base64"),
      fields: event,
      url: `${system.current.url}/webhooks/post-event`,
      raw: { query: "", body, type: "application/x-www-form-urlencoded" },
    };
    queueOf().put(PATH, sid, JSON.stringify(forged));
    await system.current.settle();
    await expect
      .poll(() => linesOf(log(), "event_not_handled")[0])
      .toMatchObject({ level: "error", status: 403 });
    expect((await conversation.fetch()).state).toBe("inactive");
    expect(queueOf().deadLetters).toHaveLength(1);
  });

  it("handles an event that was verified on arrival, although the auth token has changed since", async () => {
    const { emulator } = system.current.account;
    const [one, other] = [await inactiveConversation(), await inactiveConversation()];
    const { event } = one;
    const request = (sid: string): Request => ({
      method: "POST",
      headers: new Map([["x-twilio-signature", "made with the token of another day"]]),
      url: `${system.current.url}/webhooks/post-event`,
      raw: {
        query: "",
        body: new URLSearchParams({
          AccountSid: emulator.accountSid,
          ...event,
          ConversationSid: sid,
        }).toString(),
        type: "application/x-www-form-urlencoded",
      },
      fields: {},
      bodyHash: undefined,
      publicBaseUrl: system.current.url,
    });
    const keys = readKeys({ TWILIO_API_KEY_SECRET: emulator.apiKeySecret });
    const message = writeQueued(keys, request(one.sid));
    queueOf().put(PATH, one.sid, message);
    queueOf().put(PATH, other.sid, message.replace(one.sid, other.sid));
    await system.current.settle();
    expect((await one.conversation.fetch()).state).toBe("closed");
    expect((await other.conversation.fetch()).state).toBe("inactive");
    expect(queueOf().deadLetters).toHaveLength(1);
  });

  it("uses the signed fields only, and ignores others in the queue's message", async () => {
    const [signed, other] = [await inactiveConversation(), await inactiveConversation()];
    const { authToken } = system.current.account.emulator;
    const form = { AccountSid: system.current.account.emulator.accountSid, ...signed.event };
    const url = `${system.current.url}/webhooks/post-event`;
    const message = {
      method: "POST",
      signature: getExpectedTwilioSignature(authToken, url, form),
      fields: { ...form, ConversationSid: other.sid },
      url,
      raw: {
        query: "",
        body: new URLSearchParams(form).toString(),
        type: "application/x-www-form-urlencoded",
      },
    };
    queueOf().put(PATH, other.sid, JSON.stringify(message));
    await system.current.settle();
    expect((await other.conversation.fetch()).state).toBe("inactive");
    expect((await signed.conversation.fetch()).state).toBe("closed");
  });

  it("keeps an unreadable message as a dead letter", async () => {
    queueOf().put(PATH, "CH1", "not even JSON");
    await system.current.settle();
    expect(queueOf().deadLetters).toEqual(["not even JSON"]);
  });
});
