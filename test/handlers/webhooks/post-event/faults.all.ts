import { describe, expect, it } from "vitest";
import { ANY_REQUEST, EFFECTS, type Effect } from "../../../support/faults.ts";
import { awsLambda } from "../../../support/platforms.ts";
import { listen } from "../../../support/post-event.ts";
import { type System, useSystem } from "../../../support/system.ts";

const PERSON = "+15558675310";
const ON_WHATSAPP = `whatsapp:${PERSON}`;

/**
 * Runs a flow with a fault at each of its requests, each time in an empty account: one fault for each request, in turn.
 * `npm run faults` injects every fault at every request.
 */
async function withFaults(system: System, flow: (system: System) => Promise<void>): Promise<void> {
  await flow(system);
  const { length } = await system.requests();
  expect(length).toBeGreaterThan(5);
  for (let position = 0; position < length; position++) {
    const effect = EFFECTS[position % EFFECTS.length] as Effect;
    await system.clear();
    await system.inject(ANY_REQUEST, effect, { skip: position, times: 1 });
    await flow(system).catch((cause: unknown) => {
      throw new Error(`${JSON.stringify(effect)} at request ${position}`, { cause });
    });
    expect(system.deployment.queue?.deadLetters).toEqual([]);
  }
}

describe("webhooks/post-event on AWS Lambda, with a fault at every one of its requests", () => {
  const system = useSystem(awsLambda, {
    POST_EVENT_REACTIONS: JSON.stringify({
      newConversation: {
        agent: { identity: "alice" },
        responder: { flowSid: `FW${"0".repeat(32)}` },
        welcome: "Welcome!",
      },
      followUp: [{ errors: ["outside-window"], do: "retry-on-another-channel" }],
    }),
  });

  it("routes, attaches and greets exactly once", async () => {
    await withFaults(system.current, async ({ account }) => {
      await listen(system.current);
      const binding = { address: PERSON, proxy_address: account.emulator.smsNumber };
      const { sid } = await account.client.conversations.v1.conversationWithParticipants.create({
        participant: [JSON.stringify({ messaging_binding: binding })],
        xTwilioWebhookEnabled: "true",
      });
      await system.current.settle();
      const conversation = account.conversations(sid);
      const participants = await conversation.participants.list();
      expect(participants.map(({ identity }) => identity)).toEqual([null, "alice"]);
      expect(await conversation.webhooks.list()).toHaveLength(1);
      expect(await system.current.received(PERSON)).toEqual(["Welcome!"]);
      expect(await account.conversations.list()).toHaveLength(1);
    });
  });

  it("resends a message on the other channel exactly once", async () => {
    await withFaults(system.current, async ({ account }) => {
      const { smsNumber, whatsappNumber } = account.emulator;
      await listen(system.current);
      const conversation = await account.conversation();
      await conversation.participants.create({
        "messagingBinding.address": ON_WHATSAPP,
        "messagingBinding.proxyAddress": whatsappNumber,
        attributes: JSON.stringify({ otherChannel: { address: PERSON, proxyAddress: smsNumber } }),
      });
      await conversation.messages.create({ author: "agent", body: "Your parcel is here" });
      await system.current.settle();
      expect(await system.current.received(PERSON)).toEqual(["Your parcel is here"]);
      expect(await conversation.messages.list()).toHaveLength(2);
      expect(await account.conversations.list()).toHaveLength(1);
    });
  });
});
