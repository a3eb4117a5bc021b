import { defineRules } from "../rule.ts";

/** Rules for roles and their holders. */
export const roleRules = defineRules("role", {
  notFound: {
    status: 404,
    code: 50100,
    message: "Role not found",
    source: "documented",
    ref: "error dictionary 50100",
  },
  notForConversations: {
    status: 404,
    code: 50109,
    message: "Conversation role not found",
    source: "assumed",
    ref: "error dictionary 50109; that a role of the wrong type counts as not found is assumed",
  },
  notForServices: {
    status: 404,
    code: 50102,
    message: "Deployment role not found",
    source: "assumed",
    ref: "error dictionary 50102; that a role of the wrong type counts as not found is assumed",
  },
  typeInvalid: {
    status: 400,
    code: 50105,
    message: "Invalid role type",
    source: "documented",
    ref: "error dictionary 50105",
  },
  permissionNotFound: {
    status: 404,
    code: 50104,
    message: "Permission not found",
    source: "documented",
    ref: "Role Resource, permission values; error dictionary 50104",
  },
  permissionMissing: {
    status: 400,
    code: 20422,
    message: "Invalid Parameter: Permission",
    source: "assumed",
    ref: "Role Resource: required; which code a missing permission gives is not published",
  },
  inUse: {
    status: 409,
    code: 20409,
    message: "Role is in use and cannot be deleted",
    source: "assumed",
    ref: "error dictionary 20409; whether Twilio refuses is not published",
  },
});
