import type { MessagingChannel } from "./channel.ts";
import { deliveryErrors } from "./delivery-errors.ts";
import { singleFile } from "./limits.ts";

/** Facebook Messenger. That it reports reads and accepts a single file is assumed, after WhatsApp. */
export const messenger: MessagingChannel = {
  messageSid: { text: "SM", media: "MM" },
  fileLimits: { fromChat: singleFile, fromPerson: singleFile },
  phoneErrors: {
    unreachable: deliveryErrors.inactiveOnMessenger,
    unknown: deliveryErrors.inactiveOnMessenger,
    blocked: deliveryErrors.blockedByUser,
  },
  waitsForPhone: true,
  reportsReads: true,
  hasServiceWindow: false,
  handlesOptOutKeywords: false,
  check: () => undefined,
  webhookFields: () => [],
};
