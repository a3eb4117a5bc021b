import { expect, it } from "vitest";
import { withWebhooks } from "../support/client.ts";
import { useAccount } from "../support/emulator.ts";

const fixture = useAccount();

it("The Per-Service Webhook Resource page: fetch, update, and it goes before the account's", async () => {
  const account = fixture.current;
  const api = account.client.conversations.v1;
  const { sid: serviceSid } = await api.services.create({ friendlyName: "Another" });
  const webhooks = api.services(serviceSid).configuration.webhooks();
  expect(await webhooks.fetch()).toMatchObject({
    chatServiceSid: serviceSid,
    preWebhookUrl: null,
    postWebhookUrl: null,
    filters: null,
    method: null,
  });
  const [ofAccount, ofService] = [await account.receiver(), await account.receiver()];
  await api.configuration.webhooks().update({ postWebhookUrl: ofAccount.url });
  const changes = { method: "POST", postWebhookUrl: ofService.url, filters: ["onMessageAdded"] };
  expect(await webhooks.update(changes)).toMatchObject(changes);

  const { sid } = await api.services(serviceSid).conversations.create();
  await api
    .services(serviceSid)
    .conversations(sid)
    .messages.create({ body: "inside", ...withWebhooks });
  await (await account.conversation()).messages.create({ body: "outside", ...withWebhooks });
  await account.emulator.settle();
  expect(ofService.values("Body")).toEqual(["inside"]);
  expect(ofAccount.values("Body")).toEqual(["outside"]);
});
