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

/** A kind for an account that may not have its section. */
export interface AccountKind {
  plan(account: Account, context: Context): Promise<Change[]>;
  /** Puts what is at Twilio into an account. */
  pull(account: Account, context: Context): Promise<void>;
}

/**
 * Every kind, in the order in which they are made: what others refer to comes first, and what lets messages in comes last,
 * when all that handles them is there. Deletions go the other way.
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
