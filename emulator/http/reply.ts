import { ApiError } from "../domain/errors.ts";

/** What an answer that goes on is written to. What comes after its end, whoever ended it, is lost. */
export interface Outgoing {
  readonly write: (text: string) => void;
  readonly end: () => void;
}

/** An answer on its way out. `body` is JSON, or bytes that say their own type in the headers; there may be none. */
export interface Reply {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Instead of a body: begins an answer that goes on. What it returns is called once, when either side has ended. */
  readonly stream?: (outgoing: Outgoing) => () => void;
}

/** Twilio's error body, after captures: code, message, more_info, status, `detail` and `details` where there are such. */
export function errorReply(error: ApiError): Reply {
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

/** A second is the longest that a rate limit makes anybody wait. */
const errorHeaders: ReadonlyMap<number, Readonly<Record<string, string>>> = new Map([
  [401, { "WWW-Authenticate": 'Basic realm="Twilio API"' }],
  [429, { "Retry-After": "1" }],
]);

/** What a caller learns of a defect of the emulator; the log has the rest. */
export const internalError = new ApiError(500, 20500, "Internal Server Error");
