import restExceptionModule from "twilio/lib/base/RestException.js";
import {
  Conflict,
  Forbidden,
  HandlerError,
  InvalidInput,
  Misconfigured,
  NotFound,
  UpstreamFailed,
} from "../errors.ts";
import { omitUndefined } from "../omit-undefined.ts";

// The package is CommonJS, so its default export arrives as a property.
const RestException = restExceptionModule.default;
type TwilioError = InstanceType<typeof RestException>;

/** Whether Twilio answered with this error (https://www.twilio.com/docs/api/errors), or with this HTTP status. */
export function isTwilioError(
  error: unknown,
  is: { code?: number; status?: number } = {},
): error is TwilioError {
  return (
    error instanceof RestException &&
    (is.code === undefined || error.code === is.code) &&
    (is.status === undefined || error.status === is.status)
  );
}

/** For a fetch of a resource that may not exist: `fetch().catch(noneIf404)`. Other errors are thrown again. */
export function noneIf404(error: unknown): undefined {
  if (!isTwilioError(error, { status: 404 })) throw error;
}

/** Whether the request may have taken effect although it failed: its answer was lost, or was a 5xx. */
export const isUncertain = (error: unknown): boolean =>
  error instanceof UpstreamFailed ? error.lost : isTwilioError(error) && error.status >= 500;

interface Advice {
  readonly code: string;
  readonly advice: string;
  readonly kind: "input" | "conflict";
  /** The input field to name, regardless of the fields of the request. */
  readonly field?: string;
}

const ADVICE: ReadonlyMap<number, Advice> = new Map<number, Advice>([
  [50353, { kind: "conflict", code: "unique_name_taken", advice: "Choose another uniqueName." }],
  [
    50416,
    {
      kind: "conflict",
      code: "pair_already_bound",
      advice:
        "A person and a proxy address can be in one open conversation only. Close or delete that " +
        "conversation, or use another proxy address.",
    },
  ],
  [
    50377,
    {
      kind: "conflict",
      code: "conversation_closed",
      advice: "A closed conversation stays closed. Create a new one.",
    },
  ],
  [
    50407,
    {
      kind: "input",
      code: "invalid_address",
      advice: "Twilio does not accept this person's address. Check the number.",
    },
  ],
  [
    50408,
    {
      kind: "input",
      code: "invalid_proxy_address",
      advice: "Twilio does not accept this proxy address. Check the number.",
    },
  ],
  [
    50409,
    {
      kind: "input",
      code: "invalid_address",
      advice: "A person's address must differ from the proxy address.",
    },
  ],
  [
    50413,
    {
      kind: "input",
      code: "invalid_proxy_address",
      advice: "The proxy address does not belong to this Twilio account.",
    },
  ],
  [
    50414,
    {
      kind: "input",
      code: "invalid_proxy_address",
      advice: "Address and proxy address must be of one channel.",
    },
  ],
  [
    50415,
    {
      kind: "input",
      code: "invalid_proxy_address",
      advice: "The proxy address is not a WhatsApp sender of this account. Register it with WhatsApp first.",
    },
  ],
  [
    50513,
    {
      kind: "input",
      code: "author_not_in_group",
      advice:
        "In a group text the author must be a participant: give the identity of a chat user, or a number of yours, that is in it.",
      field: "author",
    },
  ],
]);

/** The input fields of a rejected request. */
export interface FieldsOfRequest {
  readonly field?: string;
  /** The field of the proxy address, if the request has one. */
  readonly proxyField?: string;
  /** The field to name in a 404, if that is another one. */
  readonly missingField?: string;
}

/**
 * The error for the caller when Twilio rejects a request.
 *
 * @param error What a call to Twilio threw.
 * @returns a {@link HandlerError} for Twilio's errors, and the error itself for any other.
 */
export function explainTwilioError(error: unknown, fields: FieldsOfRequest = {}): unknown {
  if (!isTwilioError(error)) return error;
  const field = wrongField(error, fields);
  const options = omitUndefined({ cause: error, field, twilioCode: error.code });
  const known = ADVICE.get(error.code ?? 0);
  if (known) {
    const message = `${known.advice} (Twilio: ${error.message})`;
    return known.kind === "conflict"
      ? new Conflict(known.code, message, options)
      : new InvalidInput(message, { ...options, code: known.code });
  }
  return byStatus(error, options);
}

function wrongField(
  error: TwilioError,
  { field, proxyField, missingField }: FieldsOfRequest,
): string | undefined {
  if (error.status === 404) return missingField ?? field;
  const known = ADVICE.get(error.code ?? 0);
  return known?.field ?? (known?.code === "invalid_proxy_address" ? proxyField : field);
}

function byStatus(
  error: TwilioError,
  options: { cause: unknown; field?: string; twilioCode?: number },
): HandlerError {
  const message = `Twilio: ${error.message}`;
  switch (error.status) {
    case 401:
      return new Misconfigured(
        "Twilio rejects the credentials: check ACCOUNT_SID with the API key or AUTH_TOKEN.",
        options,
      );
    case 403:
      return new Forbidden("twilio_forbidden", message, options);
    case 404:
      return new NotFound("not_found", message, options);
    case 409:
      return new Conflict("conflict", message, options);
    case 429:
      return new HandlerError(
        429,
        "rate_limited",
        "Twilio is limiting this account's requests. Try again shortly.",
        {
          ...options,
          retryAfter: 1,
        },
      );
    default:
      return error.status >= 500
        ? new UpstreamFailed("Twilio failed to answer the request.", options)
        : new InvalidInput(message, { ...options, code: "twilio_rejected" });
  }
}
