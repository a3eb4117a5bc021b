/** A user's mistake, or a rejection by Twilio: printed as its message, without a stack. */
export class UserError extends Error {}

/** A problem with the full stop that it has in a text of its own; a question keeps its question mark. */
export const sentence = (problem: string): string => (problem.endsWith("?") ? problem : `${problem}.`);
