/** A refusal as Twilio's APIs state it: HTTP status, error code, and a message for the caller. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: number;
  /** Extra text that only some bodies carry (20003 does). */
  readonly detail: string | undefined;

  constructor(status: number, code: number, message: string, detail?: string) {
    super(message);
    this.name = "ApiError";
    this.status = status;
    this.code = code;
    this.detail = detail;
  }
}

/** Something that Twilio has and the emulator lacks. Answered with 501, so that nobody takes it for Twilio's own. */
export class NotEmulatedError extends ApiError {
  constructor(what: string) {
    super(501, 20501, `Not emulated: ${what}`);
    this.name = "NotEmulatedError";
  }
}
