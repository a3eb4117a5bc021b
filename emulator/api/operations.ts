import { accountOnly, serviceOnly } from "./operations/configuration.ts";
import { contentRows } from "./operations/content.ts";
import { bothFamilies } from "./operations/conversations.ts";
import { type Operation, operations } from "./operations/operation.ts";

export type { Operation } from "./operations/operation.ts";

/** Every operation of Conversations v1, and of Content v1 beside it. */
export const allOperations: readonly Operation[] = [
  ...operations("conversations", "/v1", [...bothFamilies, ...accountOnly]),
  ...operations("conversations", "/v1/Services/{ChatServiceSid}", [...bothFamilies, ...serviceOnly]),
  ...operations("content", "/v1", contentRows),
];
