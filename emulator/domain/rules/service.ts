import { defineRules } from "../rule.ts";

/** Rules for services, and for the settings of the account and of its services. */
export const serviceRules = defineRules("service", {
  isDefault: {
    status: 400,
    code: 20422,
    message: "Invalid Parameter: the default service cannot be deleted",
    source: "assumed",
    ref: "nothing is published on deleting the default service",
  },
  notFound: {
    status: 404,
    code: 50050,
    message: "Service Instance not found",
    source: "documented",
    ref: "error dictionary 50050",
  },
  creatorRoleNotFound: {
    status: 404,
    code: 50106,
    message: "Channel creator role not found",
    source: "documented",
    ref: "error dictionary 50106",
  },
  templateTooLong: {
    status: 400,
    code: 50058,
    message: "Notification template too long",
    source: "assumed",
    ref: "error dictionary 50058; the length, 256 characters, is not published",
  },
  soundTooLong: {
    status: 400,
    code: 50059,
    message: "Notification sound name too long",
    source: "assumed",
    ref: "error dictionary 50059; the length, 256 characters, is not published",
  },
});
