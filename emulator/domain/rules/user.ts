import { defineRules } from "../rule.ts";

/** Rules for users. The rules for identities are those of participants. */
export const userRules = defineRules("user", {
  exists: {
    status: 409,
    code: 50201,
    message: "User already exists",
    source: "observed",
    ref: "twilio-php issue 680",
  },
  notificationLevelInvalid: {
    status: 400,
    code: 50210,
    message: "Invalid notification level",
    source: "documented",
    ref: "error dictionary 50210",
  },
});
