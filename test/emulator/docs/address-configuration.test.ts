import { expect, it } from "vitest";
import { rejection, useAccount } from "../support/emulator.ts";

const fixture = useAccount();

it("The Address Configuration Resource page: create, fetch, list, update, delete", async () => {
  const account = fixture.current;
  const { addressConfigurations } = account.client.conversations.v1;
  const { smsNumber, whatsappNumber, chatServiceSid } = account.emulator;
  const created = await addressConfigurations.create({
    type: "sms",
    address: smsNumber,
    friendlyName: "My Test Configuration",
    "autoCreation.enabled": true,
    "autoCreation.type": "webhook",
    "autoCreation.conversationServiceSid": chatServiceSid,
    "autoCreation.webhookUrl": "https://example.com",
    "autoCreation.webhookMethod": "post",
    "autoCreation.webhookFilters": ["onParticipantAdded", "onMessageAdded"],
  });
  expect(created).toMatchObject({
    address: smsNumber,
    type: "sms",
    friendlyName: "My Test Configuration",
    addressCountry: null,
    autoCreation: {
      enabled: true,
      type: "webhook",
      conversation_service_sid: chatServiceSid,
      webhook_url: "https://example.com",
      webhook_method: "POST",
      webhook_filters: ["onParticipantAdded", "onMessageAdded"],
    },
  });
  expect((await addressConfigurations(created.sid).fetch()).sid).toBe(created.sid);
  expect((await addressConfigurations(smsNumber).fetch()).sid).toBe(created.sid);

  await addressConfigurations.create({ type: "whatsapp", address: whatsappNumber });
  expect(await addressConfigurations.list({ limit: 20 })).toHaveLength(2);
  const ofWhatsApp = await addressConfigurations.list({ type: "WhatsApp" });
  expect(ofWhatsApp.map(({ address }) => address)).toEqual([whatsappNumber]);

  const flowSid = `FW${"0".repeat(32)}`;
  const updated = await addressConfigurations(created.sid).update({
    "autoCreation.enabled": false,
    "autoCreation.type": "studio",
    "autoCreation.studioFlowSid": flowSid,
    "autoCreation.studioRetryCount": 3,
    friendlyName: "My Test Configuration Updated",
  });
  expect(updated.autoCreation).toEqual({
    enabled: false,
    type: "studio",
    conversation_service_sid: chatServiceSid,
    studio_flow_sid: flowSid,
    studio_retry_count: 3,
  });
  await addressConfigurations(created.sid).remove();
  expect(await rejection(addressConfigurations(created.sid).fetch())).toBe("404/20404");
});

it("The address must be a single one of the account, and is configured once", async () => {
  const account = fixture.current;
  const { addressConfigurations } = account.client.conversations.v1;
  const create = (type: string, address: string) =>
    addressConfigurations.create({ type: type as "sms", address });
  await create("sms", account.emulator.smsNumber);
  expect(await rejection(create("sms", account.emulator.smsNumber))).toBe("409/20409");
  const bare = await create("whatsapp", account.emulator.whatsappNumber.replace("whatsapp:", ""));
  expect((await addressConfigurations(account.emulator.whatsappNumber).fetch()).sid).toBe(bare.sid);
  expect((await addressConfigurations(bare.address).fetch()).sid).toBe(bare.sid);
  expect(await rejection(create("whatsapp", account.emulator.whatsappNumber))).toBe("409/20409");
  expect(await rejection(create("sms", "+15017122699"))).toBe("403/50413");
  const url = "https://example.com";
  const hearing = (event: string) =>
    addressConfigurations(bare.sid).update({
      "autoCreation.type": "webhook",
      "autoCreation.webhookUrl": url,
      "autoCreation.webhookFilters": [event],
    });
  expect((await hearing("onDeliveryUpdated")).autoCreation).toMatchObject({ webhook_url: url });
  expect(await rejection(hearing("onUserAdded"))).toBe("400/50365");
  expect(await rejection(create("fax", account.emulator.smsNumber))).toBe("400/20422");
});
