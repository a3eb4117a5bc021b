import { defineRules } from "../rule.ts";

/** Rules for the permissions of SDK users. */
export const permissionRules = defineRules("permission", {
  missing: {
    status: 403,
    code: 50107,
    message: "User not authorized for command",
    source: "documented",
    ref: "error dictionary 50107; Role Resource, permission values",
  },
  notMember: {
    status: 403,
    code: 50430,
    message: "Participant is not a member of conversation",
    source: "observed",
    ref: "support article 50668313016475: getConversationBySid; that who may join may look before is assumed",
  },
  channelMetadata: {
    status: 403,
    code: 50531,
    message: "User not authorized to read channel metadata",
    source: "documented",
    ref: "error dictionary 50531: permission readChannelMetadata",
  },
});
