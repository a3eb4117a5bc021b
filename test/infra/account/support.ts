import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { Emulator } from "../../../emulator/emulator.ts";
import { TwilioApi } from "../../../infra/account/api.ts";
import { takesAway } from "../../../infra/account/change.ts";
import { Context } from "../../../infra/account/context.ts";
import { readAccount, type Variables } from "../../../infra/account/file.ts";
import { apply, type Conduct, plan } from "../../../infra/account/plan.ts";

/** Writes a file that is deleted after the test. */
export function write(name: string, content: unknown): string {
  const folder = mkdtempSync(join(tmpdir(), "parley-account-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, name);
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
}

/** The settings of the emulator's account in a deployment's `.env`. */
export function settingsOf(emulator: Emulator): Readonly<Record<string, string>> {
  return {
    ACCOUNT_SID: emulator.accountSid,
    AUTH_TOKEN: emulator.authToken,
    CHAT_SERVICE_SID: emulator.chatServiceSid,
    TWILIO_BASE_URL: emulator.url,
    PUBLIC_BASE_URL: "https://parley-1234-dev.twil.io",
    PROXY_ADDRESSES: emulator.smsNumber,
    WHATSAPP_PROXY_ADDRESS: emulator.whatsappNumber,
  };
}

/** Long enough for an answer of the emulator, short enough for a test in which none arrives. */
const LONGEST_MS = 2_000;

/** Runs an account file against an emulator in this process. */
export function accountOf(
  emulator: Emulator,
  content: unknown,
  options: { prune?: boolean; resendSecrets?: boolean; environment?: string; variables?: Variables } = {},
) {
  const variables = { ...settingsOf(emulator), ...options.variables };
  const { account } = readAccount(write("account.json", content), variables, options.environment);
  const api = new TwilioApi(variables, LONGEST_MS);
  const { prune = false, resendSecrets = false } = options;
  const newContext = () => new Context(api, { variables, prune, resendSecrets });
  return {
    plan: () => plan(account, newContext),
    /** Confirms all deletions of the plan. */
    async apply(conduct: Partial<Conduct> = {}): Promise<number> {
      const { changes } = await plan(account, newContext);
      const agreed = new Set(changes.filter(takesAway).map(({ subject }) => subject));
      return apply(account, newContext, { agreed, report: () => {}, shouldStop: () => false, ...conduct });
    },
  };
}
