import type { Scenario } from "../run/scenario.ts";
import { configuration } from "./configuration.ts";
import { channels, content } from "./content.ts";
import { conversations } from "./conversations.ts";
import { everyOperation } from "./every-operation.ts";
import { limits } from "./limits.ts";
import { messages } from "./messages.ts";
import { messaging } from "./messaging.ts";
import { neighbours } from "./neighbours.ts";
import { participants } from "./participants.ts";
import { studio } from "./studio.ts";
import { roles, users } from "./users.ts";
import { preActionWebhooks, scopedWebhooks, webhookConfigurations } from "./webhooks.ts";

/** The suite: every operation, with its responses and rejections. */
export const allScenarios: readonly Scenario[] = [
  ...conversations,
  ...messages,
  ...participants,
  ...scopedWebhooks,
  ...users,
  ...roles,
  ...webhookConfigurations,
  ...preActionWebhooks,
  ...configuration,
  ...content,
  ...channels,
  ...neighbours,
  ...messaging,
  ...studio,
  ...limits,
  ...everyOperation,
];
