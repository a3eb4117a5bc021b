/** For what is optional in Twilio's answers, although the types of its package say otherwise. */
export const orNull = <Value>(value: Value | null | undefined): Value | null => value ?? null;
