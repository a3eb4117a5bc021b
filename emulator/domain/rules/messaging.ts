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
  campaignExists: {
    status: 409,
    code: 21717,
    message: "The Messaging Service has a campaign already",
    source: "assumed",
    ref: "A2P 10DLC: one campaign for each messaging service; the code is assumed",
  },
  typingChannelInvalid: {
    status: 400,
    code: 20422,
    message: "Invalid Parameter: channel",
    source: "assumed",
    ref: "Twilio's page on typing indicators: channel is whatsapp; the code is assumed",
  },
  typingMessageInvalid: {
    status: 400,
    code: 20422,
    message: "Invalid Parameter: messageId",
    source: "assumed",
    ref: "Twilio's page on typing indicators: an inbound message on WhatsApp; the code is assumed",
  },
  numberNotFound: {
    status: 404,
    code: 21701,
    message: "The Phone Number SID is not valid or does not belong to the account",
    source: "assumed",
    ref: "the Messaging API is outside the documentation used; an SMS number that the account owns",
  },
  numberPooled: {
    status: 409,
    code: 21710,
    message: "Phone Number or Short Code is already in the Messaging Service.",
    source: "assumed",
    ref: "the Messaging API is outside the documentation used; a number is in one messaging service",
  },
  phoneNumberInvalid: {
    status: 400,
    code: 21421,
    message: "PhoneNumber is invalid",
    source: "assumed",
    ref: "the Phone Numbers API is outside the documentation used; E.164",
  },
  phoneNumberOwned: {
    status: 400,
    code: 21422,
    message: "PhoneNumber is not available",
    source: "assumed",
    ref: "the Phone Numbers API is outside the documentation used; a number is bought once",
  },
});
