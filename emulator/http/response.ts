import { ApiError } from "../domain/errors.ts";

/** Writes a streamed response. Writes after its end are ignored. */
export interface Outgoing {
  readonly write: (text: string) => void;
  readonly end: () => void;
}

/** An HTTP response. `body` is JSON, or bytes whose type is in the headers; undefined: no body. */
export interface HttpResponse {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Instead of a body: starts a streamed response. The returned function is called once, when either side has closed. */
  readonly stream?: (outgoing: Outgoing) => () => void;
}

/** Twilio's error body, after captures: code, message, more_info, status, optionally `detail` and `details`. */
export function errorResponse(error: ApiError): HttpResponse {
  const { status, code, message, detail, details } = error;
  const more_info = `https://www.twilio.com/docs/errors/${code}`;
  const body = {
    code,
    ...(detail !== undefined && { detail }),
    ...(details !== undefined && { details }),
    message,
    more_info,
    status,
  };
  const headers = errorHeaders.get(status);
  return headers === undefined ? { status, body } : { status, body, headers };
}

/** Rate limits are per second. */
const errorHeaders: ReadonlyMap<number, Readonly<Record<string, string>>> = new Map([
  [401, { "WWW-Authenticate": 'Basic realm="Twilio API"' }],
  [429, { "Retry-After": "1" }],
]);

/** The response to a defect of the emulator; details are in the log. */
export const internalError = new ApiError(500, 20500, "Internal Server Error");
