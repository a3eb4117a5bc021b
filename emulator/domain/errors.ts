/** An error as Twilio's APIs return it: HTTP status, error code, and a message for the caller. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: number;
  /** Extra text in some error bodies, such as that of 20003. */
  readonly detail: string | undefined;
  /** Details, as an object: only Studio has them. */
  readonly details: object | undefined;
  /** The rule that was broken, "conversation.closed"; undefined when it is not a rule of Twilio. */
  readonly ruleId: string | undefined;

  constructor(status: number, code: number, message: string, about: ErrorDetails = {}) {
    super(message);
    this.name = "ApiError";
    this.status = status;
    this.code = code;
    this.detail = about.detail;
    this.details = about.details;
    this.ruleId = about.ruleId;
  }

  /** The same error with details. */
  with(details: object): ApiError {
    const { status, code, message, detail, ruleId } = this;
    return new ApiError(status, code, message, { detail, details, ruleId });
  }
}

interface ErrorDetails {
  readonly detail?: string | undefined;
  readonly details?: object | undefined;
  readonly ruleId?: string | undefined;
}

/** A feature of Twilio that is not emulated. Its status is 501, which Twilio does not return. */
export class NotEmulatedError extends ApiError {
  constructor(what: string) {
    super(501, 20501, `Not emulated: ${what}`);
    this.name = "NotEmulatedError";
  }
}
