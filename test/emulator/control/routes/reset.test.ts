import { describe, expect, it } from "vitest";
import { useAccount } from "../../support/emulator.ts";

const fixture = useAccount();
const person = "+15558675310";
const enabled = { "X-Twilio-Webhook-Enabled": "true" };

describe("replacing the state during a request", () => {
  it.each(["reset", "restore"])(
    "cuts it by %s: what it would have done is nowhere to be found",
    async (name) => {
      const account = fixture.current;
      const { smsNumber } = account.emulator;
      const { participants } = await account.conversation();
      await participants.create({
        "messagingBinding.address": person,
        "messagingBinding.proxyAddress": smsNumber,
      });
      const { body: snapshot } = await account.control("GET", "/snapshot");
      const silent = await account.receiver(() => {});
      await account.client.conversations.v1.configuration.webhooks().update({ preWebhookUrl: silent.url });
      const created = account.rest("POST", "/v1/Conversations", "", enabled);
      const sent = account.send(person, smsNumber, "Hello");
      const outcomes = Promise.allSettled([created, sent]);
      while (silent.received.length < 2) await new Promise((resolve) => setImmediate(resolve));
      const begun = await account.control("POST", `/${name}`, name === "restore" ? snapshot : undefined);
      expect(begun.status).toBe(200);
      expect((await outcomes).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    },
  );
});
