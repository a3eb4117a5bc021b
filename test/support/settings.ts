import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { EmulatorInfo } from "../../emulator/emulator.ts";
import { root } from "../../infra/endpoints.ts";

const PAGES = { CONVERSATION_RESPONDER: "webhooks/conversation" } as const;

/** The documented example of a JSON setting. */
export function exampleOf(name: keyof typeof PAGES): Record<string, unknown> {
  const page = readFileSync(join(root, "docs/endpoints", `${PAGES[name]}.md`), "utf8");
  const [, json = ""] = /^```json\n([\s\S]*?)^```$/m.exec(page) ?? [];
  return JSON.parse(json);
}

/** The variables that name an account in an emulator, its credentials and its service. */
export const accountVariables = (emulator: EmulatorInfo) => ({
  ACCOUNT_SID: emulator.accountSid,
  AUTH_TOKEN: emulator.authToken,
  TWILIO_API_KEY_SID: emulator.apiKeySid,
  TWILIO_API_KEY_SECRET: emulator.apiKeySecret,
  CHAT_SERVICE_SID: emulator.chatServiceSid,
});

/** Valid settings of a deployment whose account is in an emulator. */
export const validSettings = (emulator: EmulatorInfo): Record<string, string> => ({
  ...accountVariables(emulator),
  JWT_SECRET: "the secret of the issuer of callers' tokens",
  TWILIO_BASE_URL: emulator.url,
  PROXY_ADDRESSES: emulator.smsNumber,
});
