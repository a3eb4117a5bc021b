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
});
