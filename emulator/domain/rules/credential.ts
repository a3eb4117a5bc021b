import { defineRules } from "../rule.ts";

/** Rules for push credentials and push bindings. */
export const credentialRules = defineRules("credential", {
  typeInvalid: {
    status: 400,
    code: 50209,
    message: "Invalid binding type",
    source: "assumed",
    ref: "error dictionary 50209; which code a credential of unknown type gives is not published",
  },
});
