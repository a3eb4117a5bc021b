import { defineRules } from "../rule.ts";

/** Rules for the media service. Its specification is not published. */
export const mediaRules = defineRules("media", {
  notMultipart: {
    status: 400,
    code: 20422,
    message: "Invalid Parameter: the multipart body has no file",
    source: "assumed",
    ref: "the media service takes raw bytes or multipart forms",
  },
  setInvalid: {
    status: 400,
    code: 20422,
    message: 'Invalid Parameter: the body must be {"command":"get","list":[{"media_sid":"ME…"}]}',
    source: "assumed",
    ref: "the batch request of the SDKs' media client",
  },
  linkInvalid: {
    status: 403,
    code: 20403,
    message: "Forbidden",
    source: "assumed",
    ref: "temporary links are signed; how a wrong signature is answered is not published",
  },
  linkExpired: {
    status: 403,
    code: 20403,
    message: "Forbidden",
    source: "documented",
    ref: "Media Support in Conversations: 300 seconds; the status is assumed",
  },
});
