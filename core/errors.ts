import { cut } from "./cut.ts";
import { omitUndefined } from "./omit-undefined.ts";
import type { Sid } from "./sid.ts";
/** Optional data of a failure. */
export interface HandlerErrorOptions {
  /** The input field that is wrong, for callers that show errors beside their form. */
  readonly field?: string;
  /** Twilio's error code, if Twilio returned one. */
  readonly twilioCode?: number;
  /** Seconds after which the same call may succeed. */
  readonly retryAfter?: number;
  /** The conversation that the failure concerns, or that could not be removed. */
  readonly conversationSid?: Sid<"CH">;
  /** The original error. Logged, never sent. */
  readonly cause?: unknown;
}

/**
 * Base class of every failure that a caller may see: a stable `code` to branch on, an HTTP `status`, and a message that
 * says what to do. The cause is only logged.
 */
export class HandlerError extends Error {
  readonly code: string;
  readonly status: number;
  readonly field: string | undefined;
  readonly twilioCode: number | undefined;
  readonly retryAfter: number | undefined;
  readonly conversationSid: Sid<"CH"> | undefined;

  constructor(status: number, code: string, message: string, options: HandlerErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    // From the code, since a bundle has no class names any more: `unique_name_taken` is `UniqueNameTaken`.
    this.name = code.replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase());
    this.code = code;
    this.status = status;
    this.field = options.field;
    this.twilioCode = options.twilioCode;
    this.retryAfter = options.retryAfter;
    this.conversationSid = options.conversationSid;
  }
}

/** 400: a field of the request is missing, unknown or invalid. */
export class InvalidInput extends HandlerError {
  constructor(message: string, options?: HandlerErrorOptions & { code?: string }) {
    super(400, options?.code ?? "invalid_input", message, options);
  }
}

/** 401: no credentials, or credentials that cannot be verified. */
export class Unauthenticated extends HandlerError {
  constructor(message: string, options?: HandlerErrorOptions & { code?: string }) {
    super(401, options?.code ?? "unauthenticated", message, options);
  }
}

/** 403: the caller is authenticated and may not do this. */
export class Forbidden extends HandlerError {
  constructor(code: string, message: string, options?: HandlerErrorOptions) {
    super(403, code, message, options);
  }
}

/** 404: the resource does not exist, or the endpoint is switched off. */
export class NotFound extends HandlerError {
  constructor(code: string, message: string, options?: HandlerErrorOptions) {
    super(404, code, message, options);
  }
}

/** 409: the request is valid and conflicts with what exists. */
export class Conflict extends HandlerError {
  constructor(code: string, message: string, options?: HandlerErrorOptions) {
    super(409, code, message, options);
  }
}

/** 500: the deployment lacks a setting, or Twilio rejects its credentials. The message is only logged. */
export class Misconfigured extends HandlerError {
  constructor(message: string, options?: HandlerErrorOptions) {
    super(500, "misconfigured", message, options);
  }
}

/**
 * 502 or 504: Twilio failed, or did not answer in the time that this invocation had.
 * `lost` is true when the request may have taken effect although no answer came back.
 */
export class UpstreamFailed extends HandlerError {
  readonly lost: boolean;

  constructor(message: string, options: HandlerErrorOptions & { lost?: boolean; timeout?: boolean } = {}) {
    super(
      options.timeout ? 504 : 502,
      options.timeout ? "upstream_timeout" : "upstream_failed",
      message,
      options,
    );
    this.lost = options.lost ?? false;
  }
}

/**
 * Whether a repeated request may succeed: not after a rejection by Twilio, but after a lost answer, a limit, a wrong setting
 * or an unexpected error.
 */
export const isWorthRepeating = (error: unknown): boolean =>
  !(error instanceof HandlerError) ||
  error instanceof Misconfigured ||
  error.status === 429 ||
  error.status >= 500;

/** The JSON body of a failed call. Flat, so that a Studio flow can branch on `parsed.status` and `parsed.code`. */
export interface ErrorBody {
  readonly status: "error";
  readonly code: string;
  readonly message: string;
  readonly requestId: string;
  readonly field?: string;
  readonly twilioCode?: number;
  readonly conversationSid?: Sid<"CH">;
}

/** Whether the caller may read the error's message. Mistakes in the deployment's settings are not shown to callers. */
function isExposed(error: unknown): error is HandlerError {
  return error instanceof HandlerError && !(error instanceof Misconfigured);
}

/** Both may contain text of the caller. */
const LONGEST_MESSAGE = 1_000;
const LONGEST_FIELD = 200;

/** Turns a thrown error into the answer's status and body. Unexpected errors are never exposed to callers. */
export function toErrorBody(error: unknown, requestId: string): { status: number; body: ErrorBody } {
  if (!isExposed(error)) {
    const code = error instanceof Misconfigured ? error.code : "internal_error";
    const message = `Something went wrong on our side. The log has the details under request id ${requestId}.`;
    return { status: 500, body: { status: "error", code, message, requestId } };
  }
  return {
    status: error.status,
    body: omitUndefined({
      status: "error",
      code: error.code,
      message: cut(error.message, LONGEST_MESSAGE),
      requestId,
      field: error.field === undefined ? undefined : cut(error.field, LONGEST_FIELD),
      twilioCode: error.twilioCode,
      conversationSid: error.conversationSid,
    }),
  };
}
