import type { EmulatorInfo } from "../../emulator/emulator.ts";
import { credentials } from "../support/credentials.ts";
import { accountVariables } from "../support/settings.ts";

export const WELCOME = "Welcome!";
export const AGENT = "alice";
export const FLOW_SID = `FW${"0".repeat(32)}`;
export const HOURS = "From nine to five.";
export const CUSTOMER_TEXT = "One moment, somebody will be with you.";
export const PERSON_TEXT = "A customer asks for you.";

/** What a deployment is configured with, so that every flow has something to do. */
export const variablesOf = (emulator: EmulatorInfo): Readonly<Record<string, string>> => ({
  ...accountVariables(emulator),
  TWILIO_BASE_URL: emulator.url,
  JWT_SECRET: credentials.JWT_SECRET,
  STATE_SECRET: "the secret that signs records",
  WHATSAPP_PROXY_ADDRESS: emulator.whatsappNumber,
  PROXY_ADDRESSES: `${emulator.smsNumber},${emulator.whatsappNumber}`,
  MEDIA_ALLOW_HTTP: "true",
  MEDIA_ALLOWED_HOSTS: "127.0.0.1",
  CONVERSATION_RESPONDER: JSON.stringify({
    author: "helper",
    answers: [{ keywords: ["hours"], text: HOURS }],
    handOver: {
      keywords: ["agent"],
      identities: [AGENT],
      customerText: CUSTOMER_TEXT,
      personText: PERSON_TEXT,
    },
  }),
  POST_EVENT_REACTIONS: JSON.stringify({
    newConversation: {
      agent: { identity: AGENT },
      responder: { flowSid: FLOW_SID },
      welcome: WELCOME,
      onlySources: ["SMS"],
    },
    followUp: [{ errors: ["outside-window"], do: "retry-on-another-channel" }],
    whenInactive: "close",
    archive: "log",
  }),
});
