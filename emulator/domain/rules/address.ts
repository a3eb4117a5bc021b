import { defineRules } from "../rule.ts";

/**
 * Rules for address configurations. The error dictionary has no code about them but 50610, a debugger notice; a
 * parameter of the wrong shape is 20422.
 */
export const addressRules = defineRules("address", {
  notOwned: {
    status: 403,
    code: 50413,
    message: "Account is not authorized to use address",
    source: "assumed",
    ref: "Address Configuration Resource: it must belong to the account; the code is that of a proxy address",
  },
  exists: {
    status: 409,
    code: 20409,
    message: "Address configuration for this address already exists",
    source: "assumed",
    ref: "Address Configuration Resource: a unique address; the code is not published",
  },
  retryCountInvalid: {
    status: 400,
    code: 50065,
    message: "Invalid webhook retry count",
    source: "documented",
    ref: "error dictionary 50065; 0 to 3",
  },
});
