import type { Change } from "../change.ts";
import type { Context } from "../context.ts";
import type { Account } from "../schema.ts";
import { addresses } from "./addresses.ts";
import { chatMigration } from "./chat-migration.ts";
import { approvals, contents } from "./contents.ts";
import { credentials } from "./credentials.ts";
import { defaults } from "./defaults.ts";
import type { Kind } from "./kind.ts";
import { messagingServices } from "./messaging-services.ts";
import { notifications } from "./notifications.ts";
import { pools } from "./pools.ts";
import { roles } from "./roles.ts";
import { serviceConfiguration } from "./service-configuration.ts";
import { serviceWebhooks } from "./service-webhooks.ts";
import { services } from "./services.ts";
import { webhooks } from "./webhooks.ts";

/** A kind whose section the file may omit. */
export interface AccountKind {
  plan(account: Account, context: Context): Promise<Change[]>;
  /** Adds the state at Twilio to an account. */
  pull(account: Account, context: Context): Promise<void>;
}

/**
 * All kinds in the order of creation: resources that others refer to come first, and addresses come last, when everything that
 * handles their messages exists. Deletions are in reverse order.
 */
export const kinds: readonly AccountKind[] = [
  ofAccount(messagingServices),
  ofAccount(pools),
  ofAccount(services),
  ofAccount(roles),
  ofAccount(serviceConfiguration),
  ofAccount(notifications),
  ofAccount(defaults),
  ofAccount(credentials),
  ofAccount(contents),
  ofAccount(approvals),
  ofAccount(chatMigration),
  ofAccount(serviceWebhooks),
  ofAccount(webhooks),
  ofAccount(addresses),
];

function ofAccount<Name extends keyof Account>(kind: Kind<Name>): AccountKind {
  return {
    async plan(account, context) {
      const section = account[kind.section];
      return section === undefined ? [] : kind.plan(section, context);
    },
    async pull(account, context) {
      const section = await kind.pull?.(context);
      if (section !== undefined) account[kind.section] = section;
    },
  };
}
