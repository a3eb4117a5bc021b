import { defineRules } from "../rule.ts";

/** Rules for messaging services and the account's numbers. */
export const messagingRules = defineRules("messaging", {
  isDefault: {
    status: 400,
    code: 20422,
    message: "Invalid Parameter: the default messaging service cannot be deleted",
    source: "assumed",
    ref: "new conversations need it; nothing is published on deleting it",
  },
  numberNotFound: {
    status: 404,
    code: 21701,
    message: "The Phone Number SID is not valid or does not belong to the account",
    source: "assumed",
    ref: "the Messaging API is not part of the material; an SMS number that the account owns",
  },
  numberPooled: {
    status: 409,
    code: 21710,
    message: "Phone Number or Short Code is already in the Messaging Service.",
    source: "assumed",
    ref: "the Messaging API is not part of the material; a number is in one messaging service",
  },
  phoneNumberInvalid: {
    status: 400,
    code: 21421,
    message: "PhoneNumber is invalid",
    source: "assumed",
    ref: "the Phone Numbers API is not part of the material; E.164",
  },
  phoneNumberOwned: {
    status: 400,
    code: 21422,
    message: "PhoneNumber is not available",
    source: "assumed",
    ref: "the Phone Numbers API is not part of the material; a number is bought once",
  },
});
