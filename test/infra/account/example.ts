import type { Emulator } from "../../../emulator/emulator.ts";

/** Twilio's own variables. */
export const TEMPLATE = `\${USER}: \${MESSAGE}`;

/** An account file with every section. */
export const exampleOf = (emulator: Emulator) => ({
  webhooks: { postWebhookUrl: "https://parley.example.com/all", method: "GET", filters: ["onUserAdded"] },
  messagingServices: [{ service: "Texts", useInboundWebhookOnNumber: true, numbers: [emulator.smsNumber] }],
  services: [
    {
      service: "Support",
      webhooks: { preWebhookUrl: "https://parley.example.com/before", filters: ["onMessageAdd"] },
      roles: [
        { name: "agent", type: "conversation", permissions: ["sendMessage", "leaveConversation"] },
        { default: "service", with: ["editAnyUserInfo"], without: ["createConversation"] },
      ],
      defaultRoles: { conversationCreator: "agent" },
      reachabilityEnabled: true,
      notifications: {
        newMessage: { enabled: true, template: TEMPLATE, withMedia: { enabled: true } },
      },
    },
  ],
  defaults: { chatService: "Support", messagingService: "Texts", inactiveTimer: "PT1H", closedTimer: "P1D" },
  credentials: [{ name: "phones", type: "fcm", secret: { env: "FCM_SECRET" } }],
  contents: [
    {
      name: "welcome",
      language: "en",
      variables: { "1": "Ada" },
      types: { "twilio/text": { body: "Hello {{1}}, welcome to our shop." } },
      approval: { name: "welcome_en", category: "UTILITY" },
    },
  ],
  addresses: [
    {
      address: emulator.smsNumber,
      friendlyName: "the hotline",
      autoCreation: {
        enabled: true,
        type: "webhook",
        conversationService: "Support",
        webhookUrl: "https://parley.example.com/conversation",
        webhookFilters: ["onMessageAdded"],
      },
    },
    {
      address: emulator.whatsappNumber,
      autoCreation: {
        enabled: true,
        type: "studio",
        studioFlowSid: `FW${"a".repeat(32)}`,
        studioRetryCount: 2,
      },
    },
  ],
});
