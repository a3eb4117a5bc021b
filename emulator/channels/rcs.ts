import type { MessagingChannel } from "./channel.ts";
import { deliveryErrors } from "./delivery-errors.ts";
import { singleFile } from "./limits.ts";

/** RCS. That it reports reads and accepts a single file is assumed, after WhatsApp. */
export const rcs: MessagingChannel = {
  messageSid: { text: "SM", media: "MM" },
  fileLimits: { fromChat: singleFile, fromPerson: singleFile },
  phoneErrors: {
    unreachable: deliveryErrors.unreachableByRcs,
    unknown: deliveryErrors.unreachableByRcs,
    blocked: deliveryErrors.blockedByUser,
  },
  waitsForPhone: true,
  reportsReads: true,
  hasServiceWindow: false,
  handlesOptOutKeywords: false,
  check: () => undefined,
  webhookFields: () => [],
};
