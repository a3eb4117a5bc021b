/**
 * Why a message did not arrive, in kinds that ask for the same reaction (docs: Delivery receipts;
 * https://www.twilio.com/docs/api/errors).
 */
const CODES = {
  /** They do not want messages from this number. */
  "opted-out": [21610, 63014, 63033],
  /** Nobody can be reached under this address on this channel. */
  unreachable: [21211, 21614, 30003, 30005, 30006, 63003, 63024, 63036, 63106],
  /** WhatsApp takes templates only, since they have not written for a day. */
  "outside-window": [63016],
  /** A carrier or channel does not let it through. */
  blocked: [30004, 30007, 63013, 63026, 63032, 63049],
  /** Too long, too large, or of a form that the channel does not have. */
  content: [21617, 30011, 30019, 63005, 63006, 63021, 63034],
  /** Too much at once; what is sent later may arrive. */
  overload: [30001, 30017, 30022, 30023, 30027, 63017, 63018, 63038],
} as const satisfies Record<string, readonly number[]>;

export type FailureKind = keyof typeof CODES;

export const FAILURE_KINDS = Object.keys(CODES) as [FailureKind, ...FailureKind[]];

/** Whether an error code is of the kind. */
export const isOfKind = (errorCode: number, kind: FailureKind): boolean =>
  CODES[kind].some((code: number) => code === errorCode);
