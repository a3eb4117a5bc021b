import { defineRules } from "../rule.ts";

const dictionary = (code: number) => `error dictionary ${code}; which code Conversations gives is assumed`;

/** Rules for the access tokens of SDK users. */
export const tokenRules = defineRules("token", {
  malformed: {
    status: 401,
    code: 20101,
    message: "Invalid Access Token",
    source: "documented",
    ref: "error dictionary 20101",
  },
  header: {
    status: 401,
    code: 20102,
    message: "Invalid Access Token header",
    source: "documented",
    ref: "error dictionary 20102",
  },
  issuerOrSubject: {
    status: 401,
    code: 20103,
    message: "Invalid Access Token issuer/subject",
    source: "documented",
    ref: "error dictionary 20103",
  },
  signature: {
    status: 401,
    code: 20107,
    message: "Invalid Access Token signature",
    source: "documented",
    ref: "error dictionary 20107",
  },
  expired: {
    status: 401,
    code: 20104,
    message: "Access Token expired or expiration date invalid",
    source: "documented",
    ref: "error dictionary 20104",
  },
  notYetValid: {
    status: 401,
    code: 20105,
    message: "Access Token not yet valid",
    source: "documented",
    ref: "error dictionary 20105",
  },
  lifetimeTooLong: {
    status: 401,
    code: 20157,
    message: "Expiration Time Exceeds Maximum Time Allowed",
    source: "documented",
    ref: "error dictionary 20157: 24 hours; Create Access Tokens for Conversations",
  },
  grants: {
    status: 401,
    code: 20106,
    message: "Invalid Access Token grants",
    source: "documented",
    ref: "error dictionary 20106",
  },
  serviceMissing: {
    status: 401,
    code: 51104,
    message: "Token doesn't contain service instance",
    source: "assumed",
    ref: dictionary(51104),
  },
  serviceNotFound: {
    status: 401,
    code: 51101,
    message: "Service instance not found",
    source: "assumed",
    ref: dictionary(51101),
  },
  pushCredentialMissing: {
    status: 400,
    code: 20422,
    message: "Token doesn't contain a push credential of this type",
    source: "assumed",
    ref: "Push Notification Configuration: the token's push_credential_sid; which code its lack gives is not published",
  },
  identityMissing: {
    status: 401,
    code: 51105,
    message: "Token doesn't contain identity",
    source: "assumed",
    ref: dictionary(51105),
  },
});
