import { expect, it } from "vitest";
import { withWebhooks } from "../support/client.ts";
import { rejection, useAccount } from "../support/emulator.ts";

const fixture = useAccount();

it("The Webhook Configuration Resource page: fetch, update, and the events that follow", async () => {
  const account = fixture.current;
  const { webhooks } = account.client.conversations.v1.configuration;
  expect(await webhooks().fetch()).toMatchObject({
    preWebhookUrl: null,
    postWebhookUrl: null,
    target: "webhook",
  });

  const receiver = await account.receiver();
  const changes = {
    filters: ["onMessageAdded", "onMessageUpdated"],
    postWebhookUrl: receiver.url,
    method: "POST",
  };
  expect(await webhooks().update({ ...changes, target: "webhook" })).toMatchObject(changes);

  const conversation = await account.conversation();
  await conversation.messages.create({ body: "Ahoy", ...withWebhooks });
  await conversation.messages.create({ body: "Nobody hears of this" });
  await account.emulator.settle();
  expect(receiver.values("Body")).toEqual(["Ahoy"]);
});

it("The target can be flex; anything else is refused", async () => {
  const { webhooks } = fixture.current.client.conversations.v1.configuration;
  expect((await webhooks().update({ target: "flex" })).target).toBe("flex");
  expect(await rejection(webhooks().update({ target: "pigeon" as "flex" }))).toBe("400/50054");
});
