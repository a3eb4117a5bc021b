import { defineRules } from "../rule.ts";

/** Rules for group texts (group MMS): members with an address alone, or with a projected address. */
export const groupRules = defineRules("group", {
  projectedWithBinding: {
    status: 400,
    code: 50443,
    message: "Failed to add a projected address to a participant.",
    source: "documented",
    ref: "error dictionary 50443: the participant should not have a messaging binding",
  },
  projectedMissing: {
    status: 400,
    code: 50434,
    message: "Participant projected address not provided",
    source: "documented",
    ref: "error dictionary 50434; Group Texting in Conversations: every participant who is not on SMS needs one",
  },
  projectedNotOwned: {
    status: 403,
    code: 50439,
    message: "Account is not authorized to use the projected address",
    source: "documented",
    ref: "error dictionary 50439",
  },
  activationFailed: {
    status: 400,
    code: 50435,
    message: "Group MMS activation failed.",
    source: "documented",
    ref: "error dictionary 50435: an address, a projected address, and no identity without one",
  },
  full: {
    status: 400,
    code: 50436,
    message: "Participant limit exceeded for group conversation",
    source: "documented",
    ref: "Conversations Limits: 10; error dictionary 50436",
  },
  memberExists: {
    status: 409,
    code: 50437,
    message: "Group Participant already exists",
    source: "documented",
    ref: "error dictionary 50437",
  },
  exists: {
    status: 409,
    code: 50438,
    message: "Group MMS with given participant list already exists as Conversation %s",
    source: "observed",
    ref: "an error from participants.create in a published stack trace",
  },
  proxyNotRemovable: {
    status: 400,
    code: 50440,
    message: "Failed to remove the proxy address of a participant.",
    source: "documented",
    ref: "error dictionary 50440: there must be one",
  },
  proxyNotAddable: {
    status: 400,
    code: 50441,
    message: "Failed to add a proxy address to a participant.",
    source: "observed",
    ref: "error dictionary 50441: an address and no proxy; terraform-provider-twilio pull request 63",
  },
  projectedNotRemovable: {
    status: 400,
    code: 50442,
    message: "Failed to remove the projected address of a participant.",
    source: "documented",
    ref: "error dictionary 50442: there must be one; that an identity must remain is assumed",
  },
  identityNotAddable: {
    status: 400,
    code: 50444,
    message: "Failed to add an identity to a participant.",
    source: "documented",
    ref: "error dictionary 50444: there must be none yet; Group Texting: behind a projected address",
  },
  authorNotMember: {
    status: 400,
    code: 50513,
    message: "Message author should be among Group MMS participants.",
    source: "observed",
    ref: "error dictionary 50513; the status is that of a published fake based on real responses",
  },
});
