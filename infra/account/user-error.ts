/** A user's mistake, or a rejection by Twilio: printed as its message, without a stack. */
export class UserError extends Error {}
