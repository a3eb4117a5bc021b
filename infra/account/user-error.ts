/** A mistake of the person at the keyboard, or Twilio's refusal: told in plain lines, without a stack. */
export class UserError extends Error {}
