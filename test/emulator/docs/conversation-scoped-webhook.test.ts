import { expect, it } from "vitest";
import { rejection, useAccount } from "../support/emulator.ts";

const fixture = useAccount();

it("The Conversation Scoped Webhook Resource page: create, fetch, list, update, delete, at most five", async () => {
  const conversation = await fixture.current.conversation();
  const { webhooks } = conversation;
  const webhook = await webhooks.create({
    target: "webhook",
    "configuration.filters": ["onMessageAdded", "onConversationRemoved"],
    "configuration.method": "get",
    "configuration.url": "https://example.com",
  });
  expect(webhook).toMatchObject({
    target: "webhook",
    configuration: {
      url: "https://example.com",
      method: "get",
      filters: ["onMessageAdded", "onConversationRemoved"],
    },
  });
  expect((await conversation.webhooks(webhook.sid).fetch()).sid).toBe(webhook.sid);
  expect((await webhooks.list({ limit: 20 })).map(({ sid }) => sid)).toEqual([webhook.sid]);

  const trigger = await webhooks.create({
    target: "trigger",
    "configuration.url": "https://example.com",
    "configuration.triggers": ["help"],
  });
  const words = { "configuration.filters": ["keyword1", "keyword2"] };
  expect((await conversation.webhooks(trigger.sid).update(words)).configuration).toMatchObject({
    filters: ["keyword1", "keyword2"],
  });

  const studio = { target: "studio", "configuration.flowSid": `FW${"a".repeat(32)}` } as const;
  for (let i = 0; i < 3; i += 1) await webhooks.create(studio);
  expect(await rejection(webhooks.create(studio))).toBe("400/50361");
  await conversation.webhooks(webhook.sid).remove();
  await webhooks.create(studio);
});
