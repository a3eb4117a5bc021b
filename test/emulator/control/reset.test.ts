import { describe, expect, it } from "vitest";
import { useBench } from "../support/emulator.ts";

const bench = useBench();
const person = "+15558675310";
const enabled = { "X-Twilio-Webhook-Enabled": "true" };

describe("a new life in the middle of a request", () => {
  it.each(["reset", "restore"])(
    "cuts it by %s: what it would have done is nowhere to be found",
    async (name) => {
      const b = bench.current;
      const { smsNumber } = b.emulator;
      const { participants } = await b.conversation();
      await participants.create({
        "messagingBinding.address": person,
        "messagingBinding.proxyAddress": smsNumber,
      });
      const { body: snapshot } = await b.control("GET", "/snapshot");
      const silent = await b.receiver(() => {});
      await b.client.conversations.v1.configuration.webhooks().update({ preWebhookUrl: silent.url });
      const created = b.rest("POST", "/v1/Conversations", "", enabled);
      const sent = b.send(person, smsNumber, "Hello");
      const outcomes = Promise.allSettled([created, sent]);
      while (silent.received.length < 2) await new Promise((resolve) => setImmediate(resolve));
      const begun = await b.control("POST", `/${name}`, name === "restore" ? snapshot : undefined);
      expect(begun.status).toBe(200);
      expect((await outcomes).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    },
  );
});
