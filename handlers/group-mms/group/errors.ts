import { Conflict, InvalidInput } from "../../../core/errors.ts";
import { omitUndefined } from "../../../core/omit-undefined.ts";
import { type Sid, sidOf } from "../../../core/sid.ts";
import { explainTwilioError, type FieldsOfRequest, isTwilioError } from "../../../core/twilio/errors.ts";

interface Advice {
  readonly status: 400 | 409;
  readonly code: string;
  readonly advice: string;
}

const ADVICE: ReadonlyMap<number, Advice> = new Map<number, Advice>([
  [
    50434,
    {
      status: 400,
      code: "projected_address_missing",
      advice: "In a group text every chat user needs a projectedAddress.",
    },
  ],
  [
    50435,
    {
      status: 409,
      code: "not_a_group_text",
      advice: "The conversation has a chat user without a projected address.",
    },
  ],
  [50436, { status: 409, code: "group_full", advice: "A group text has at most ten members." }],
  [
    50438,
    { status: 409, code: "group_exists", advice: "Another open conversation has exactly these numbers." },
  ],
  [
    50439,
    {
      status: 400,
      code: "invalid_projected_address",
      advice: "The projected address does not belong to this Twilio account.",
    },
  ],
]);

/**
 * The error for the caller when Twilio rejects a request about a group text (https://www.twilio.com/docs/api/errors).
 *
 * @param error What a call to Twilio threw.
 * @returns a `HandlerError` for Twilio's errors, and the error itself for any other.
 */
export function explainGroupError(error: unknown, fields: FieldsOfRequest = {}): unknown {
  const known = isTwilioError(error) ? ADVICE.get(error.code ?? 0) : undefined;
  if (known === undefined || !isTwilioError(error)) return explainTwilioError(error, fields);
  const field = known.code === "invalid_projected_address" ? fields.proxyField : fields.field;
  const conversationSid = conversationIn(error.message);
  const options = omitUndefined({ cause: error, field, twilioCode: error.code, conversationSid });
  const message = `${known.advice} (Twilio: ${error.message})`;
  return known.status === 409
    ? new Conflict(known.code, message, options)
    : new InvalidInput(message, { ...options, code: known.code });
}

/** The open conversation with exactly these numbers, if that is why Twilio rejects a group (error 50438). */
export const existingGroup = (error: unknown): Sid<"CH"> | undefined =>
  isTwilioError(error, { code: 50438 }) ? conversationIn(error.message) : undefined;

function conversationIn(message: string): Sid<"CH"> | undefined {
  const sid = /CH[0-9a-f]{32}/i.exec(message)?.[0];
  return sid === undefined ? undefined : sidOf("CH", sid);
}
