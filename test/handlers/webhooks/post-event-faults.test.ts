import { describe, expect, it } from "vitest";
import { ANY_REQUEST, FATES } from "../../support/faults.ts";
import { awsLambda } from "../../support/platforms.ts";
import { listen } from "../../support/post-event.ts";
import { type Stage, useStage } from "../../support/stage.ts";

const PERSON = "+15558675310";
const ON_WHATSAPP = `whatsapp:${PERSON}`;

/** Plays a scene with every fate for every one of its requests, each time from the beginning. */
async function withEveryFate(stage: Stage, scene: (stage: Stage) => Promise<void>): Promise<void> {
  await scene(stage);
  const { length } = await stage.requests();
  expect(length).toBeGreaterThan(5);
  for (const fate of FATES) {
    for (let position = 0; position < length; position++) {
      await stage.clear();
      await stage.strike(ANY_REQUEST, fate, { skip: position, times: 1 });
      await scene(stage).catch((cause: unknown) => {
        throw new Error(`${JSON.stringify(fate)} at request ${position}`, { cause });
      });
      expect(stage.deployment.queue?.deadLetters).toEqual([]);
    }
  }
}

describe("webhooks/post-event on AWS Lambda, with a fault at every one of its requests", () => {
  const stage = useStage(awsLambda, {
    POST_EVENT_REACTIONS: JSON.stringify({
      newConversation: {
        agent: { identity: "alice" },
        responder: { flowSid: `FW${"0".repeat(32)}` },
        welcome: "Welcome!",
      },
      followUp: [{ errors: ["outside-window"], do: "retry-on-another-channel" }],
    }),
  });

  it("routes, attaches and greets exactly once", { timeout: 120_000 }, async () => {
    await withEveryFate(stage.current, async ({ bench }) => {
      await listen(stage.current);
      const binding = { address: PERSON, proxy_address: bench.emulator.smsNumber };
      const { sid } = await bench.client.conversations.v1.conversationWithParticipants.create({
        participant: [JSON.stringify({ messaging_binding: binding })],
        xTwilioWebhookEnabled: "true",
      });
      await stage.current.settle();
      const conversation = bench.conversations(sid);
      const participants = await conversation.participants.list();
      expect(participants.map(({ identity }) => identity)).toEqual([null, "alice"]);
      expect(await conversation.webhooks.list()).toHaveLength(1);
      expect(await stage.current.received(PERSON)).toEqual(["Welcome!"]);
      expect(await bench.conversations.list()).toHaveLength(1);
    });
  });

  it("says a message again on the other channel exactly once", { timeout: 120_000 }, async () => {
    await withEveryFate(stage.current, async ({ bench }) => {
      const { smsNumber, whatsappNumber } = bench.emulator;
      await listen(stage.current);
      const conversation = await bench.conversation();
      await conversation.participants.create({
        "messagingBinding.address": ON_WHATSAPP,
        "messagingBinding.proxyAddress": whatsappNumber,
        attributes: JSON.stringify({ otherChannel: { address: PERSON, proxyAddress: smsNumber } }),
      });
      await conversation.messages.create({ author: "agent", body: "Your parcel is here" });
      await stage.current.settle();
      expect(await stage.current.received(PERSON)).toEqual(["Your parcel is here"]);
      expect(await conversation.messages.list()).toHaveLength(2);
      expect(await bench.conversations.list()).toHaveLength(1);
    });
  });
});
