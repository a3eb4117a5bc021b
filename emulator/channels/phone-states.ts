/** The states that a phone can be in. Both "on" and "off" exist on every channel. */
export const phoneStates = ["on", "off", "unreachable", "unknown", "landline", "blocked"] as const;
export type PhoneState = (typeof phoneStates)[number];
