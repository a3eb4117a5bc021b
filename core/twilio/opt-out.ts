/** Twilio's opt-out keywords (https://help.twilio.com/articles/223134027). */
export const OPT_OUT_WORDS: readonly string[] = [
  "stop",
  "stopall",
  "unsubscribe",
  "cancel",
  "end",
  "quit",
  "revoke",
  "optout",
];
