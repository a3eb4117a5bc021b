import { expect, it } from "vitest";
import { withWebhooks } from "../support/client.ts";
import { rejection, useAccount } from "../support/emulator.ts";

const fixture = useAccount();

it("The Service-Scoped Conversation Scoped Webhook Resource page: create with replay, fetch, list, update, delete", async () => {
  const account = fixture.current;
  const receiver = await account.receiver();
  const service = account.client.conversations.v1.services(account.emulator.chatServiceSid);
  const { sid } = await service.conversations.create();
  const conversation = service.conversations(sid);
  for (const body of ["zero", "one", "two"]) await conversation.messages.create({ body });

  const webhook = await conversation.webhooks.create({
    target: "webhook",
    "configuration.url": receiver.url,
    "configuration.filters": ["onMessageAdded"],
    "configuration.replayAfter": 1,
  });
  expect(webhook).toMatchObject({ chatServiceSid: account.emulator.chatServiceSid, target: "webhook" });
  await account.emulator.settle();
  expect(receiver.values("Body")).toEqual(["one", "two"]);

  expect((await conversation.webhooks(webhook.sid).fetch()).sid).toBe(webhook.sid);
  expect(await conversation.webhooks.list({ limit: 20 })).toHaveLength(1);
  await conversation.webhooks(webhook.sid).update({ "configuration.filters": ["onMessageRemoved"] });
  await conversation.messages.create({ body: "three", ...withWebhooks });
  await account.emulator.settle();
  expect(receiver.received).toHaveLength(2);
  await conversation.webhooks(webhook.sid).remove();
  expect(await rejection(conversation.webhooks(webhook.sid).fetch())).toBe("404/20404");
});
