import { asks, flowOf, publish } from "../studio/flow.ts";
import { defaultService, registerDevice } from "../support/devices.ts";
import type { TestAccount } from "../support/emulator.ts";
import { member, pair, projection, setPhone } from "../support/outbound.ts";

const [ann, bob, rider] = ["+15558675310", "+15558675311", "whatsapp:+15558675312"];

/** Creates at least one object of every kind that the emulator stores. It must not depend on the time of day. */
export async function fillAccount(account: TestAccount): Promise<void> {
  const { client, emulator } = account;
  const { smsNumber, whatsappNumber } = emulator;
  const { v1 } = client.conversations;
  await account.control("POST", "/rules", { joining: 0 });
  await account.control("POST", "/numbers", { address: "+15017122662", smsUrl: "http://127.0.0.1:9/sms" });
  const service = await client.messaging.v1.services.create({
    friendlyName: "A pool",
    statusCallback: "http://127.0.0.1:9/status",
  });
  await account.control("POST", "/channels", {
    members: ["agent"],
    messages: [{ author: "agent", body: "Hi" }],
  });
  const [pooled] = await client.incomingPhoneNumbers.list({ phoneNumber: "+15017122662" });
  await client.messaging.v1.services(service.sid).phoneNumbers.create({ phoneNumberSid: pooled?.sid ?? "" });
  await v1.addressConfigurations.create({
    type: "sms",
    address: smsNumber,
    "autoCreation.enabled": true,
    "autoCreation.type": "webhook",
    "autoCreation.webhookUrl": "http://127.0.0.1:9/created",
    "autoCreation.webhookFilters": ["onMessageAdded"],
  });
  await v1.roles.create({ friendlyName: "reader", type: "conversation", permission: ["sendMessage"] });
  await v1.services.create({ friendlyName: "Another service" });
  await defaultService(account)
    .configuration.webhooks()
    .update({ filters: ["onMessageRemoved"] });
  await v1.configuration().update({ defaultInactiveTimer: "PT1H" });

  const contentSid = await account.template(
    {
      "twilio/quick-reply": { body: "Well, {{1}}?", actions: [{ title: "Yes", id: "yes" }, { title: "No" }] },
    },
    "approved",
    { 1: "Ann" },
  );
  const { sid } = await account.conversations.create({ uniqueName: "full", "timers.closed": "P2D" });
  const conversation = account.conversations(sid);
  await conversation.update({
    "bindings.email.address": "office@example.com",
    "bindings.email.name": "Office",
  });
  await conversation.participants.create({ identity: "agent", attributes: '{"desk":1}' });
  await conversation.participants.create(pair(ann, smsNumber));
  await conversation.participants.create(pair(rider, whatsappNumber));
  await registerDevice(account, "agent", "fcm");
  await conversation.webhooks.create({
    target: "trigger",
    "configuration.url": "http://127.0.0.1:9/trigger",
    "configuration.method": "post",
    "configuration.triggers": ["help"],
  });
  await account.send(rider, whatsappNumber, { body: "Look", media: ["data:image/png;base64,AAAA"] });
  await conversation.messages.create({ contentSid, contentVariables: '{"1":"Bob"}' });
  await emulator.settle();
  await account.control("POST", `/phones/${encodeURIComponent(rider)}/read`);
  await setPhone(account, rider, "off");
  await conversation.messages.create({ body: "Are you there?", author: "agent" });
  await emulator.settle();

  const group = await account.conversation({ friendlyName: "A group text" });
  await group.participants.create(projection(smsNumber, "agent"));
  for (const address of [ann, bob]) await group.participants.create(member(address));
  await account.send(bob, smsNumber, "STOP");
  await account.send(bob, smsNumber, "A stranger's text makes a conversation");

  const flowSid = await publish(account, flowOf(asks("ask", "Well?")));
  await client.studio.v2
    .flows(flowSid)
    .executions.create({ to: ann, from: smsNumber, parameters: { a: [1] } });
  await emulator.settle();
  await account.control("POST", "/virtual-agents", {
    name: "small-talk",
    welcome: "Hello",
    otherwise: "Sorry",
    script: [{ when: ["hours"], say: "Nine to five." }],
  });
  await account.fault({ on: "delivery", match: { channel: "rcs" }, effect: "fail", code: 63024, times: 3 });
  await account.control("POST", "/users/agent/presence", { online: true });
}
