import type { MessagingChannel } from "./channel.ts";
import { singleFile } from "./limits.ts";

/**
 * A messaging app without a customer service window. That it reports reads and accepts a single file is assumed, after
 * WhatsApp.
 */
export const messagingApp = (phoneErrors: MessagingChannel["phoneErrors"]): MessagingChannel => ({
  messageSid: { text: "SM", media: "MM" },
  fileLimits: { fromChat: singleFile, fromPerson: singleFile },
  phoneErrors,
  waitsForPhone: true,
  reportsReads: true,
  hasServiceWindow: false,
  handlesOptOutKeywords: false,
  check: () => undefined,
  webhookFields: () => [],
});
