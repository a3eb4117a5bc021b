import { pageThrough, personNumber } from "../run/context.ts";
import { inTheAccount } from "../run/scenario.ts";

/** Operations of the account and of Programmable Messaging. */
export const messaging = [
  inTheAccount(
    "the account is shown, and its keys are created, listed, renamed and deleted",
    async (context) => {
      const { client, emulator } = context;
      await client.api.v2010.accounts(emulator.accountSid).fetch();
      const { sid } = await client.newKeys.create({ friendlyName: "CLI" });
      await client.newKeys.create({ friendlyName: "Another" });
      await pageThrough(context, client.keys);
      await client.keys(sid).fetch();
      await client.keys(sid).update({ friendlyName: "Command line" });
      await client.keys(sid).remove();
      await context.rejected("404/20404", () => client.keys(sid).fetch());
      await context.rejected("400/50003", () => client.newKeys.create({ friendlyName: "x".repeat(257) }));
      await client.availablePhoneNumbers.list({ limit: 2 });
      await client.availablePhoneNumbers("US").fetch();
      await client.availablePhoneNumbers("US").local.list({ areaCode: 415, contains: "555*1", limit: 2 });
      await context.rejected("400/20422", () =>
        client.availablePhoneNumbers("US").local.list({ contains: "1" }),
      );
    },
  ),

  inTheAccount("messages with files are sent, listed, redacted and deleted", async (context) => {
    const { client, emulator } = context;
    const { messages } = client;
    const content = { to: personNumber, from: emulator.smsNumber, mediaUrl: ["https://example.com/a.png"] };
    const { sid } = await messages.create({ ...content, body: "Look" });
    await messages.create({ ...content, body: "Look again" });
    await emulator.settle();
    await messages(sid).fetch();
    await pageThrough(context, messages);
    const [file] = await messages(sid).media.list();
    await messages(sid)
      .media(file?.sid ?? "")
      .fetch();
    await messages(sid).update({ body: "" });
    await context.rejected("400/20001", () => messages(sid).update({ body: "Other" }));
    await messages(sid).remove();
    await context.rejected("404/20404", () => messages(sid).fetch());
    await context.rejected("400/21604", () => messages.create({ ...content, to: "" }));
    await context.rejected("400/21606", () => messages.create({ ...content, from: "+15005550006" }));
    await context.rejected("400/21602", () =>
      messages.create({ to: personNumber, from: emulator.smsNumber }),
    );
  }),

  inTheAccount("a failed webhook creates an alert", async (context) => {
    const { client, emulator } = context;
    await client.conversations.v1.configuration.webhooks().update({ postWebhookUrl: "http://127.0.0.1:1/" });
    for (const xTwilioWebhookEnabled of ["true", "true"] as const)
      await client.conversations.v1.conversations.create({ xTwilioWebhookEnabled });
    await emulator.settle();
    const { alerts } = client.monitor.v1;
    await pageThrough(context, alerts);
    const [alert] = await alerts.list({ limit: 1 });
    await alerts(alert?.sid ?? "").fetch();
  }),

  inTheAccount("a campaign is registered and deleted", async (context) => {
    const { usAppToPerson } = context.client.messaging.v1.services(context.emulator.messagingServiceSid);
    const campaign = {
      brandRegistrationSid: `BN${"0".repeat(32)}`,
      description: "Tells customers when their deliveries arrive at the door",
      messageFlow: "Customers agree to texts when they order on our web site",
      messageSamples: ["Your parcel arrives today at five", "Your parcel has arrived, thank you"],
      usAppToPersonUsecase: "DELIVERY_NOTIFICATION",
      hasEmbeddedLinks: false,
      hasEmbeddedPhone: false,
    };
    await context.rejected("400/20422", () => usAppToPerson.create({ ...campaign, description: "short" }));
    const { sid } = await usAppToPerson.create(campaign);
    await context.rejected("409/21717", () => usAppToPerson.create(campaign));
    await usAppToPerson.list();
    await usAppToPerson(sid).fetch();
    await usAppToPerson(sid).remove();
    await context.rejected("404/20404", () => usAppToPerson(sid).fetch());
  }),

  inTheAccount("a typing indicator requires a message from WhatsApp", async (context) => {
    const url = "https://messaging.twilio.com/v2/Indicators/Typing.json";
    const answer = await context.request("POST", url, {
      messageId: `SM${"0".repeat(32)}`,
      channel: "whatsapp",
    });
    const { statusCode } = answer as { statusCode: number };
    if (statusCode !== 400) throw new Error(`A message that is none got ${statusCode}`);
  }),
];
