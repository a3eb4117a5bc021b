import { describe, expect, it } from "vitest";
import { ADD_PARTICIPANT, ANSWER_LOST, SEND_MESSAGE, TWICE_AT_ONCE } from "../../../support/faults.ts";
import { platforms } from "../../../support/platforms.ts";
import { handled, listen, sendEvent } from "../../../support/post-event.ts";
import { type System, useSystem } from "../../../support/system.ts";

const [PERSON, OTHER] = ["+15558675310", "+15558675311"];
const ON_WHATSAPP = `whatsapp:${PERSON}`;
const FOLLOW_UP = [
  { errors: ["outside-window"], do: "retry-on-another-channel" },
  { errors: ["opted-out", 30003], do: "close" },
  { errors: [30008], do: "nothing" },
  { do: "tell-agent" },
];

type Participant = { address?: string; proxyAddress?: string; attributes?: object };

/** An agent in chat and people on phones. The emulator reports every delivery. */
async function conversationOf(system: System, people: readonly Participant[]) {
  await listen(system);
  const conversation = await system.account.conversation();
  await conversation.participants.create({ identity: "agent" });
  const sids: string[] = [];
  for (const {
    address = PERSON,
    proxyAddress = system.account.emulator.smsNumber,
    attributes = {},
  } of people) {
    const participant = await conversation.participants.create({
      "messagingBinding.address": address,
      "messagingBinding.proxyAddress": proxyAddress,
      attributes: JSON.stringify(attributes),
    });
    sids.push(participant.sid);
  }
  return { conversation, sids };
}

/** A person outside of WhatsApp's window who can be reached by SMS. */
const reachableBySms = ({ account: { emulator } }: System): Participant => ({
  address: ON_WHATSAPP,
  proxyAddress: emulator.whatsappNumber,
  attributes: { otherChannel: { address: PERSON, proxyAddress: emulator.smsNumber } },
});

describe.each(platforms)("webhooks/post-event on $name, for deliveries that failed", (platform) => {
  const system = useSystem(platform, { POST_EVENT_REACTIONS: JSON.stringify({ followUp: FOLLOW_UP }) });
  const outcomes = (log: string) => handled(log).map(({ followUp }) => followUp);

  /** A failure that only a carrier can cause. */
  async function fail(conversationSid: string, messageSid: string, participantSid: string, code: string) {
    const event = { EventType: "onDeliveryUpdated", Status: "undelivered", ErrorCode: code };
    const sids = { ConversationSid: conversationSid, MessageSid: messageSid, ParticipantSid: participantSid };
    return sendEvent(system.current, { ...event, ...sids });
  }

  it("resends the message on the other channel once, although the event is delivered twice concurrently", async () => {
    const { conversation } = await conversationOf(system.current, [reachableBySms(system.current)]);
    await system.current.injectIntoWebhooks({ parameters: { Status: "undelivered" } }, TWICE_AT_ONCE);
    await conversation.messages.create({ author: "agent", body: "Your parcel is here" });
    await system.current.settle();
    expect(await system.current.received(PERSON)).toEqual(["Your parcel is here"]);
    const messages = await conversation.messages.list();
    expect(messages.map(({ author, body }) => [author, body])).toEqual([
      ["agent", "Your parcel is here"],
      ["agent", "Your parcel is here"],
    ]);
    expect(JSON.parse(messages[1]?.attributes ?? "")).toEqual({ parley: expect.stringContaining("retry:") });
  });

  it("does not follow up the retry, which WhatsApp rejects as well", async () => {
    const log = system.current.logFromHere();
    const { conversation } = await conversationOf(system.current, [reachableBySms(system.current)]);
    await conversation.messages.create({ author: "agent", body: "Your parcel is here" });
    await system.current.settle();
    await expect.poll(() => outcomes(log())).toEqual(["retried", "retry_failed"]);
    expect(await conversation.messages.list()).toHaveLength(2);
  });

  it("does not resend a message that the other channel has already received", async () => {
    const log = system.current.logFromHere();
    const { conversation } = await conversationOf(system.current, [reachableBySms(system.current)]);
    await conversation.messages.create({ author: "agent", body: "First" });
    await system.current.settle();
    await conversation.messages.create({ author: "agent", body: "Second" });
    await system.current.settle();
    expect(await system.current.received(PERSON)).toEqual(["First", "Second"]);
    await expect.poll(() => outcomes(log()).at(-1)).toBe("sent_there_already");
  });

  it("does not resend a message that the person wrote on the other channel", async () => {
    const { account } = system.current;
    const log = system.current.logFromHere();
    const { conversation } = await conversationOf(system.current, [reachableBySms(system.current)]);
    await conversation.messages.create({ author: "agent", body: "Your parcel is here" });
    await system.current.settle();
    await account.send(PERSON, account.emulator.smsNumber, "I am coming");
    await system.current.settle();
    await expect.poll(() => outcomes(log())).toEqual(["retried", "retry_failed", "sent_there_already"]);
    expect((await conversation.messages.list()).slice(2).map(({ body }) => body)).toEqual(["I am coming"]);
  });

  it("resends it exactly once when the answers to its requests are lost", async () => {
    const { conversation } = await conversationOf(system.current, [reachableBySms(system.current)]);
    for (const match of [ADD_PARTICIPANT, SEND_MESSAGE]) await system.current.injectOnce(match, ANSWER_LOST);
    await conversation.messages.create({ author: "agent", body: "Your parcel is here" });
    await system.current.settle();
    expect(await system.current.received(PERSON)).toEqual(["Your parcel is here"]);
  });

  it.each([
    ["no other address is known", [{ address: ON_WHATSAPP, attributes: {} }]],
    ["another person on a phone would receive it twice", [undefined, { address: OTHER }]],
  ])("notifies the agent instead where %s", async (_what, people: readonly (Participant | undefined)[]) => {
    const { whatsappNumber } = system.current.account.emulator;
    const { conversation, sids } = await conversationOf(
      system.current,
      people.map((person) =>
        person === undefined
          ? reachableBySms(system.current)
          : { ...person, ...(person.address === ON_WHATSAPP && { proxyAddress: whatsappNumber }) },
      ),
    );
    const { sid } = await conversation.messages.create({
      author: "agent",
      body: "Hello",
      attributes: '{"mine":1}',
    });
    await system.current.settle();
    expect(await conversation.messages.list()).toHaveLength(1);
    expect(JSON.parse((await conversation.messages(sid).fetch()).attributes)).toEqual({
      mine: 1,
      deliveryFailures: { [sids[0] ?? ""]: { status: "undelivered", errorCode: 63016 } },
    });
  });

  it("notifies the agent instead when the person has another conversation with that address", async () => {
    const { account } = system.current;
    await conversationOf(system.current, [{}]);
    const { conversation, sids } = await conversationOf(system.current, [reachableBySms(system.current)]);
    const { sid } = await conversation.messages.create({ author: "agent", body: "Your parcel is here" });
    await system.current.settle();
    const { attributes } = await conversation.messages(sid).fetch();
    expect(JSON.parse(attributes).deliveryFailures).toHaveProperty(sids[0] ?? "");
    expect(await conversation.messages.list()).toHaveLength(1);
    expect(await account.inbox(PERSON)).toEqual([]);
  });

  it("records every participant whom a message did not reach, also for concurrent failures", async () => {
    const { conversation, sids } = await conversationOf(system.current, [{}, { address: OTHER }]);
    const { sid } = await conversation.messages.create({ author: "agent", body: "x".repeat(1_601) });
    await system.current.settle();
    const attributes = JSON.parse((await conversation.messages(sid).fetch()).attributes);
    expect(Object.keys(attributes.deliveryFailures).sort()).toEqual([...sids].sort());
    expect(await system.current.received(PERSON)).toEqual([]);
  });

  it("closes a conversation whose only person on a phone cannot be reached, which frees the numbers", async () => {
    const { conversation, sids } = await conversationOf(system.current, [{}]);
    const { sid, conversationSid } = await conversation.messages.create({ body: "Hello", author: "agent" });
    expect(await fail(conversationSid, sid, sids[0] ?? "", "21610")).toBe(200);
    expect((await conversation.fetch()).state).toBe("closed");
    expect(await fail(conversationSid, sid, sids[0] ?? "", "21610")).toBe(200);
    await conversationOf(system.current, [{}]);
  });

  it("does not close a conversation with other people on phones", async () => {
    const { conversation, sids } = await conversationOf(system.current, [{}, { address: OTHER }]);
    const { sid, conversationSid } = await conversation.messages.create({ body: "Hello", author: "agent" });
    await fail(conversationSid, sid, sids[0] ?? "", "30003");
    expect((await conversation.fetch()).state).toBe("active");
    expect((await conversation.messages(sid).fetch()).attributes).toContain("deliveryFailures");
  });

  it("ignores failures for which the rules configure no action", async () => {
    const log = system.current.logFromHere();
    const { conversation, sids } = await conversationOf(system.current, [{}]);
    const { sid, conversationSid } = await conversation.messages.create({ body: "Hello", author: "agent" });
    await fail(conversationSid, sid, sids[0] ?? "", "30008");
    expect(handled(log())).toEqual([]);
    expect((await conversation.messages(sid).fetch()).attributes).toBe("{}");
  });

  it("handles an event about a deleted message or participant", async () => {
    const log = system.current.logFromHere();
    const { conversation, sids } = await conversationOf(system.current, [{}]);
    const { sid } = await conversation.fetch();
    expect(await fail(sid, `IM${"9".repeat(32)}`, sids[0] ?? "", "30003")).toBe(200);
    await expect.poll(() => outcomes(log())).toEqual(["gone"]);
  });
});
