import { checkRegistration } from "./a2p.ts";
import type { MessagingChannel } from "./channel.ts";
import { deliveryErrors } from "./delivery-errors.ts";
import { commonTypes, type FileLimits, megabyte } from "./limits.ts";

const mmsTypes =
  /^(image\/(jpe?g|png|gif|bmp|tiff|hei[cf])|(audio|video)\/.+|text\/((x-)?vcard|csv|rtf|richtext|calendar|directory)|application\/(pdf|vcard))$/;

/** "Conversations Limits", "Accepted Content Types for Media". */
const fromPerson: FileLimits = {
  count: 10,
  largest: 2 * megabyte,
  total: 5 * megabyte,
  types: mmsTypes,
  tooMany: deliveryErrors.tooManyFiles,
  tooLarge: deliveryErrors.carrierSizeExceeded,
};

/**
 * SMS and MMS. The carrier that has accepted a message reports it as delivered even while the phone is off, and reports
 * no reads ("Delivery Receipts in Conversations").
 */
export const sms: MessagingChannel = {
  messageSid: { text: "SM", media: "MM" },
  fileLimits: { fromChat: { ...fromPerson, largest: 5 * megabyte, types: commonTypes }, fromPerson },
  phoneErrors: {
    unreachable: deliveryErrors.unreachableHandset,
    unknown: deliveryErrors.unknownHandset,
    landline: deliveryErrors.landline,
    blocked: deliveryErrors.blockedByCarrier,
  },
  waitsForPhone: false,
  reportsReads: false,
  hasServiceWindow: false,
  handlesOptOutKeywords: true,
  check: checkRegistration,
  webhookFields: () => [],
};
