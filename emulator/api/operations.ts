import { accountOnly, serviceOnly } from "./operations/configuration.ts";
import { contentRows, contentV2Rows } from "./operations/content.ts";
import { bothFamilies } from "./operations/conversations.ts";
import {
  accountRows,
  chatRows,
  mcsRows,
  mediaRows,
  messagingRows,
  messagingV2Rows,
  monitorRows,
} from "./operations/neighbours.ts";
import { type Operation, operations } from "./operations/operation.ts";
import { studioRows } from "./operations/studio.ts";

export type { Operation } from "./operations/operation.ts";

/**
 * Every operation of Conversations v1, and of what applications use beside it. Without a Host header of
 * *.twilio.com a path goes to the first product that has it: `/v1/Services` means Conversations.
 */
export const allOperations: readonly Operation[] = [
  ...operations("conversations", "/v1", [...bothFamilies, ...accountOnly]),
  ...operations("conversations", "/v1/Services/{ChatServiceSid}", [...bothFamilies, ...serviceOnly]),
  ...operations("content", "/v1", contentRows),
  ...operations("content", "/v2", contentV2Rows),
  ...operations("chat", "/v3", chatRows),
  ...operations("mcs", "/v1", mcsRows),
  ...operations("messaging", "/v1", messagingRows),
  ...operations("messaging", "/v2", messagingV2Rows),
  ...operations("api", "/2010-04-01", accountRows),
  ...operations("monitor", "/v1", monitorRows),
  ...operations("studio", "/v2", studioRows),
  ...operations("media", "", mediaRows),
];

/** "POST /v1/Conversations": an operation as docs/coverage.md names it. */
export function operationName({ method, path }: Operation): string {
  return `${method} ${path}`;
}

/** Every name; products have one name for different operations where they share a path. */
export const operationNames: ReadonlySet<string> = new Set(allOperations.map(operationName));
