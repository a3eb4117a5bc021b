import { pageThrough } from "../run/context.ts";
import { inTheAccount } from "../run/scenario.ts";

const flowSid = `FW${"a".repeat(32)}`;

export const configuration = [
  inTheAccount("the account's configuration is read and changed", async (context) => {
    const configuration = context.client.conversations.v1.configuration();
    const before = await configuration.fetch();
    await configuration.update({
      defaultChatServiceSid: context.emulator.chatServiceSid,
      defaultMessagingServiceSid: context.emulator.messagingServiceSid,
      defaultInactiveTimer: "PT1M",
      defaultClosedTimer: "PT10M",
    });
    if (before.defaultChatServiceSid !== context.emulator.chatServiceSid)
      throw new Error("The default service is another one");
    await context.rejected("400/50375", () => configuration.update({ defaultInactiveTimer: "PT1S" }));
    await context.rejected("400/50376", () => configuration.update({ defaultClosedTimer: "PT1M" }));
    await context.rejected("400/50379", () => configuration.update({ defaultInactiveTimer: "P6M" }));
    await context.rejected("400/50380", () => configuration.update({ defaultClosedTimer: "P1Y" }));
    await context.rejected("404/50050", () =>
      configuration.update({ defaultChatServiceSid: `IS${"0".repeat(32)}` }),
    );
    for (const [expected, defaultMessagingServiceSid] of [
      ["400/50341", "no-service"],
      ["400/50342", `MG${"0".repeat(32)}`],
    ] as const)
      await context.rejected(expected, () => configuration.update({ defaultMessagingServiceSid }));
  }),

  inTheAccount("services are created, read, listed and deleted", async (context) => {
    const { services } = context.client.conversations.v1;
    const { sid } = await services.create({ friendlyName: "Another service" });
    await services(sid).fetch();
    await pageThrough(context, services);
    await services(sid).remove();
    await context.rejected("404/20404", () => services(sid).fetch());
    await context.rejected("404/20404", () => services(sid).remove());
    await context.rejected("400/20422", () => services(context.serviceSid).remove());
    await context.rejected("400/50000", () => services.create({ friendlyName: "" }));
    await context.rejected("400/50003", () => services.create({ friendlyName: "x".repeat(257) }));
  }),

  inTheAccount("the configuration of a service is read and changed", async (context) => {
    const service = context.client.conversations.v1.services(context.serviceSid);
    const configuration = service.configuration();
    const roles = await configuration.fetch();
    await configuration.update({
      defaultConversationCreatorRoleSid: roles.defaultConversationCreatorRoleSid,
      defaultConversationRoleSid: roles.defaultConversationRoleSid,
      defaultChatServiceRoleSid: roles.defaultChatServiceRoleSid,
      reachabilityEnabled: false,
    });
    const noRole = `RL${"0".repeat(32)}`;
    const forServices = roles.defaultChatServiceRoleSid;
    const forConversations = roles.defaultConversationRoleSid;
    const errors: [string, Parameters<typeof configuration.update>[0]][] = [
      ["404/50100", { defaultConversationRoleSid: noRole }],
      ["404/50106", { defaultConversationCreatorRoleSid: noRole }],
      ["404/50109", { defaultConversationRoleSid: forServices }],
      ["404/50102", { defaultChatServiceRoleSid: forConversations }],
      ["400/20422", { reachabilityEnabled: "maybe" as never }],
    ];
    for (const [expected, params] of errors)
      await context.rejected(expected, () => configuration.update(params));
  }),

  inTheAccount("the push notifications of a service are read and changed", async (context) => {
    const service = context.client.conversations.v1.services(context.serviceSid);
    const notifications = service.configuration.notifications();
    await notifications.fetch();
    await notifications.update({
      logEnabled: true,
      "newMessage.enabled": false,
      "newMessage.template": "A message in ${CONVERSATION} from ${PARTICIPANT}: ${MESSAGE}",
      "newMessage.sound": "ring",
      "newMessage.badgeCountEnabled": true,
      "newMessage.withMedia.enabled": false,
      "newMessage.withMedia.template": "A picture",
      "addedToConversation.enabled": false,
      "addedToConversation.template": "Welcome",
      "addedToConversation.sound": "ring",
      "removedFromConversation.enabled": false,
      "removedFromConversation.template": "Farewell",
      "removedFromConversation.sound": "ring",
    });
    await notifications.fetch();
    await context.rejected("400/50058", () =>
      notifications.update({ "newMessage.template": "x".repeat(5000) }),
    );
    await context.rejected("400/50059", () => notifications.update({ "newMessage.sound": "x".repeat(5000) }));
  }),

  inTheAccount("credentials are created, read, listed, changed and deleted", async (context) => {
    const { credentials } = context.client.conversations.v1;
    const { sid } = await credentials.create({
      type: "apn",
      friendlyName: "iPhones",
      certificate: "-----BEGIN CERTIFICATE-----",
      privateKey: "-----BEGIN RSA PRIVATE KEY-----",
      sandbox: false,
    });
    await credentials.create({ type: "GcM" as "gcm", friendlyName: "Androids", apiKey: "key" });
    await credentials.create({ type: "fcm", friendlyName: "Newer Androids", secret: "secret" });
    await credentials(sid).fetch();
    await pageThrough(context, credentials);
    await credentials(sid).update({
      type: "apn",
      friendlyName: "More iPhones",
      certificate: "-----BEGIN CERTIFICATE-----",
      privateKey: "-----BEGIN RSA PRIVATE KEY-----",
      sandbox: true,
      apiKey: "key",
      secret: "secret",
    });
    await credentials(sid).update({ type: "gcm" });
    await credentials(sid).update({ type: "fcm" });
    await credentials(sid).remove();
    await context.rejected("404/20404", () => credentials(sid).fetch());
    await context.rejected("404/20404", () => credentials(sid).update({ friendlyName: "Gone" }));
    await context.rejected("404/20404", () => credentials(sid).remove());
    const long = "x".repeat(257);
    const { sid: kept } = await credentials.create({ type: "fcm", friendlyName: "Kept" });
    await context.rejected("400/50209", () => credentials.create({ type: "pager" as "apn" }));
    await context.rejected("400/50209", () => credentials(kept).update({ type: "pager" as "apn" }));
    await context.rejected("400/50003", () => credentials.create({ type: "apn", friendlyName: long }));
    await context.rejected("400/50003", () => credentials(kept).update({ friendlyName: long }));
  }),

  inTheAccount(
    "addresses are configured to make conversations, read, listed, changed and deleted",
    async (context) => {
      const { addressConfigurations } = context.client.conversations.v1;
      const { smsNumber, whatsappNumber } = context.emulator;
      const webhook = {
        friendlyName: "My number",
        "autoCreation.enabled": true,
        "autoCreation.type": "webhook",
        "autoCreation.conversationServiceSid": context.serviceSid,
        "autoCreation.webhookUrl": "https://example.com",
        "autoCreation.webhookMethod": "post",
        "autoCreation.webhookFilters": ["onParticipantAdded", "onMessageAdded"],
      } as const;
      const input = {
        ...webhook,
        "autoCreation.webhookFilters": [...webhook["autoCreation.webhookFilters"]],
      };
      const studio = {
        "autoCreation.enabled": true,
        "autoCreation.type": "studio",
        "autoCreation.conversationServiceSid": context.serviceSid,
        "autoCreation.studioFlowSid": flowSid,
        "autoCreation.studioRetryCount": 3,
      } as const;
      const { sid } = await addressConfigurations.create({
        ...input,
        type: "sms",
        address: smsNumber,
        addressCountry: "US",
      });
      const whatsapp = await addressConfigurations.create({
        ...studio,
        type: "whAtsAPP" as "whatsapp",
        address: whatsappNumber,
      });
      await addressConfigurations.create({
        type: "email",
        address: "example@example.com",
        friendlyName: "My mailbox",
        "autoCreation.enabled": true,
        "autoCreation.type": "default",
      });
      await addressConfigurations(sid).fetch();
      await addressConfigurations.page({ type: "sms" });
      await addressConfigurations.page();
      await pageThrough(context, addressConfigurations);
      await context.rejected("409/20409", () =>
        addressConfigurations.create({ type: "sms", address: smsNumber }),
      );
      await addressConfigurations(sid).update(input);
      await addressConfigurations(whatsapp.sid).update(studio);
      await addressConfigurations(sid).remove();
      await context.rejected("404/20404", () => addressConfigurations(sid).fetch());
      await context.rejected("404/20404", () => addressConfigurations(sid).update({ friendlyName: "Gone" }));
      await context.rejected("404/20404", () => addressConfigurations(sid).remove());
      await context.rejected("400/50065", () =>
        addressConfigurations(whatsapp.sid).update({ "autoCreation.studioRetryCount": 9 }),
      );
      const noService = `IS${"0".repeat(32)}`;
      const errors: [string, Parameters<ReturnType<typeof addressConfigurations>["update"]>[0]][] = [
        ["400/50369", { "autoCreation.type": "webhook" }],
        ["400/50367", { "autoCreation.studioFlowSid": "no-flow" }],
        ["404/50050", { "autoCreation.conversationServiceSid": noService }],
        ["400/50003", { friendlyName: "x".repeat(257) }],
      ];
      for (const [expected, params] of errors)
        await context.rejected(expected, () => addressConfigurations(whatsapp.sid).update(params as object));
      await addressConfigurations(whatsapp.sid).update({ "autoCreation.type": "default" });
      await addressConfigurations(whatsapp.sid).update({ ...input, "autoCreation.webhookMethod": "get" });
      await context.rejected("403/50413", () =>
        addressConfigurations.create({ type: "sms", address: "+15005550006" }),
      );
      await context.rejected("400/20422", () =>
        addressConfigurations.create({ type: "pigeon" as "sms", address: smsNumber }),
      );
    },
  ),

  inTheAccount("addresses of every channel are configured", async (context) => {
    const { addressConfigurations } = context.client.conversations.v1;
    for (const address of ["messenger:1234567890", "rcs:brand_agent"])
      await context.control("/numbers", { address });
    const addresses = [
      ["messenger", "messenger:1234567890"],
      ["rcs", "rcs:brand_agent"],
      ["apple", "urn:mbid:AQAAYyUbut6E4B3T9FLv5EbG"],
      ["gbm", "brands/1/agents/2"],
      ["chat", "support"],
    ] as const;
    const autoCreation = {
      "autoCreation.type": "webhook",
      "autoCreation.webhookUrl": "https://example.com",
      "autoCreation.webhookMethod": "get",
    } as const;
    for (const [type, address] of addresses)
      await addressConfigurations.create({ type, address, ...autoCreation });
  }),

  inTheAccount("push bindings are listed, read and deleted", async (context) => {
    const { credentials, services } = context.client.conversations.v1;
    const { bindings } = services(context.serviceSid);
    for (const type of ["gcm", "apn"] as const) {
      const { sid: credentialSid } = await credentials.create({ type });
      const device = { type, endpoint: "TestUser-endpoint", credentialSid };
      await context.control("/users/TestUser/bindings", device);
    }
    await bindings.page({ bindingType: ["apn", "fcm"], identity: ["alice", "bob"] });
    await pageThrough(context, bindings);
    const [first] = await bindings.list({ bindingType: ["gcm"] });
    const { sid } = await bindings(first?.sid ?? "").fetch();
    await bindings(sid).remove();
    await context.rejected("404/20404", () => bindings(sid).fetch());
    await context.rejected("404/20404", () => bindings(`BS${"0".repeat(32)}`).fetch());
    await context.rejected("404/20404", () => bindings(`BS${"0".repeat(32)}`).remove());
    await bindings.page({ bindingType: ["gcm", "twilsock"] });
  }),
];
