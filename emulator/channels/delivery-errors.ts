import type { RuleSource } from "../domain/rule.ts";

/** The error of a message that is not delivered, as in its receipt. */
export interface DeliveryError {
  /** `failed`: Twilio did not send it. `undelivered`: the channel or the phone did not accept it. */
  readonly status: "failed" | "undelivered";
  /** Of Twilio's error dictionary. */
  readonly code: number;
  /** How the code for this reason is known. */
  readonly source: RuleSource;
  /** The page, dictionary entry or kind of capture that `source` refers to. */
  readonly ref: string;
}

export const deliveryErrors = {
  noSender: {
    status: "failed",
    code: 21606,
    source: "assumed",
    ref: "error dictionary 21606: not a number of the account that can send it",
  },
  optedOut: {
    status: "failed",
    code: 21610,
    source: "observed",
    ref: "error dictionary 21610; observed in the receipt of one member of a group text; the status `failed` is assumed",
  },
  notInSandbox: {
    status: "failed",
    code: 63015,
    source: "documented",
    ref: "Twilio's page on the WhatsApp sandbox; error dictionary 63015; that it failed is assumed",
  },
  bodyTooLong: {
    status: "failed",
    code: 21617,
    source: "documented",
    ref: "Conversations Limits: 1,600 characters on SMS and WhatsApp; error dictionary 21617: in general",
  },
  tooManyFiles: {
    status: "failed",
    code: 21623,
    source: "documented",
    ref: "Conversations Limits: ten files; error dictionary 21623",
  },
  secondFile: {
    status: "failed",
    code: 63021,
    source: "assumed",
    ref: "Conversations Limits: one file on WhatsApp; error dictionary 63021: content that is not supported",
  },
  carrierSizeExceeded: {
    status: "failed",
    code: 30019,
    source: "assumed",
    ref: "Conversations Limits: 2 and 5 MB; error dictionary 30019: content exceeds carrier limit",
  },
  channelSizeExceeded: {
    status: "failed",
    code: 63034,
    source: "documented",
    ref: "Conversations Limits: 16 MB; error dictionary 63034: media exceeds size limit",
  },
  fileTypeUnsupported: {
    status: "failed",
    code: 63021,
    source: "documented",
    ref: "Conversations Limits; error dictionary 63021: media that the channel does not support; on SMS it is assumed",
  },
  unregistered: {
    status: "undelivered",
    code: 30034,
    source: "documented",
    ref: "A2P 10DLC Registration in Conversations; error dictionary 30034",
  },
  outsideWindow: {
    status: "undelivered",
    code: 63016,
    source: "documented",
    ref: "Using WhatsApp with Conversations; error dictionary 63016; for a template not yet approved it is assumed",
  },
  variablesMismatch: {
    status: "undelivered",
    code: 63028,
    source: "documented",
    ref: "error dictionary 63028",
  },
  variableInvalid: {
    status: "undelivered",
    code: 63013,
    source: "documented",
    ref: "error dictionary 63013 and 21656: no line break, tab, more than four spaces or empty value",
  },
  templateTooLong: {
    status: "undelivered",
    code: 63021,
    source: "documented",
    ref: "error dictionary 63021: 1,024 characters once the template is rendered",
  },
  tooManyButtons: {
    status: "undelivered",
    code: 63021,
    source: "assumed",
    ref: "Twilio's page on twilio/quick-reply: three buttons in session without approval; the code is not published",
  },
  templateRejected: {
    status: "undelivered",
    code: 63040,
    source: "documented",
    ref: "error dictionary 63040",
  },
  templatePaused: {
    status: "undelivered",
    code: 63041,
    source: "documented",
    ref: "error dictionary 63041",
  },
  templateDisabled: {
    status: "undelivered",
    code: 63042,
    source: "documented",
    ref: "error dictionary 63042",
  },
  unreachableHandset: {
    status: "undelivered",
    code: 30003,
    source: "documented",
    ref: "error dictionary 30003",
  },
  blockedByCarrier: {
    status: "undelivered",
    code: 30004,
    source: "documented",
    ref: "error dictionary 30004",
  },
  unknownHandset: {
    status: "undelivered",
    code: 30005,
    source: "documented",
    ref: "error dictionary 30005",
  },
  landline: {
    status: "undelivered",
    code: 30006,
    source: "documented",
    ref: "error dictionary 30006",
  },
  invalidOnWhatsApp: {
    status: "undelivered",
    code: 63024,
    source: "documented",
    ref: "error dictionary 63024; for a phone that is merely unreachable it is assumed",
  },
  unreachableByRcs: {
    status: "undelivered",
    code: 63036,
    source: "documented",
    ref: "error dictionary 63036",
  },
  inactiveOnMessenger: {
    status: "undelivered",
    code: 63003,
    source: "documented",
    ref: "error dictionary 63003: an address that is inactive or invalid",
  },
  blockedByUser: {
    status: "undelivered",
    code: 63014,
    source: "documented",
    ref: "error dictionary 63014",
  },
} as const satisfies Readonly<Record<string, DeliveryError>>;
