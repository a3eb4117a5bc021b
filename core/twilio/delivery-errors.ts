/**
 * Why a message was not delivered, grouped by the reaction that is useful (docs: Delivery receipts;
 * https://www.twilio.com/docs/api/errors).
 */
const CODES = {
  /** The recipient has opted out of messages from this number. */
  "opted-out": [21610, 63014, 63033],
  /** The address cannot be reached on this channel. */
  unreachable: [21211, 21614, 30003, 30005, 30006, 63003, 63024, 63036, 63106, 63107],
  /** WhatsApp accepts only templates, since the recipient has not written for a day. */
  "outside-window": [63016],
  /** A carrier or channel has blocked it. */
  blocked: [30004, 30007, 30038, 30039, 63026, 63032, 63039, 63049],
  /**
   * The number or account may not send there: it is not registered, not set up, or suspended. 63015 is WhatsApp's sandbox,
   * which the person has not joined.
   */
  sender: [
    ...[21212, 21408, 21606, 21608, 21612, 30002, 30015, 30016, 30018, 30024, 30032, 30033, 30034, 30035],
    ...[30037, 30040, 30041, 30042, 30043, 63001, 63002, 63007, 63008, 63015, 63020, 63022, 63031, 63035],
    ...[63051, 63101, 63102, 63103, 63108, 63109, 63111, 63112],
  ],
  /** Too long, too large, of a type that the channel does not support, or against its policy (63013: line breaks, empty variables). */
  content: [
    ...[21602, 21617, 21623, 21654, 21655, 21656, 30011, 30014, 30019, 63005, 63006, 63011, 63013, 63019],
    ...[63021, 63025, 63027, 63028, 63029, 63030, 63034, 63040, 63041, 63042, 63043, 63044, 63045, 63047],
    ...[63052, 63100, 63105],
  ],
  /** A rate limit; a message that is sent later may be delivered. */
  overload: [21611, 30001, 30017, 30022, 30023, 30027, 63017, 63018, 63038],
  /** Twilio, a carrier or the channel failed; a message that is sent again may be delivered. */
  failure: [30008, 30020, 30021, 30036, 63009, 63010, 63012, 63023, 63037],
} as const satisfies Record<string, readonly number[]>;

export type FailureKind = keyof typeof CODES;

export const FAILURE_KINDS = Object.keys(CODES) as [FailureKind, ...FailureKind[]];

/** Whether an error code is of the kind. */
export const isOfKind = (errorCode: number, kind: FailureKind): boolean =>
  CODES[kind].some((code: number) => code === errorCode);

/** The kind of an error code; `undefined` for one without a kind. */
export const kindOf = (errorCode: number): FailureKind | undefined =>
  FAILURE_KINDS.find((kind) => isOfKind(errorCode, kind));
