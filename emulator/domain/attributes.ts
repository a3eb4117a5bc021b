import { requestRules } from "./rules/request.ts";

/** Longest attributes, in bytes: 16 KB on a conversation or user, 4 KB on everything else ("Conversations Limits"). */
export const attributeLimits = { conversation: 16 * 1024, user: 16 * 1024, other: 4 * 1024 };

/** Checks attributes: JSON text of at most `limit` bytes; `{}` when omitted. */
export function checkAttributes(attributes: string | undefined, limit: number): string {
  if (attributes === undefined || attributes === "") return "{}";
  if (Buffer.byteLength(attributes) > limit) throw requestRules.attributesTooLong();
  try {
    JSON.parse(attributes);
  } catch {
    throw requestRules.attributesNotJson();
  }
  return attributes;
}

/** Longest friendly names, in characters: 64 on roles and push credentials, 256 on everything else. */
export const nameLimits = { roleOrCredential: 64, other: 256 };

/** Checks a friendly name: at most 256 characters ("Conversations Limits"), or of another limit. */
export function checkFriendlyName(name: string | null, limit = nameLimits.other): string | null {
  if (name !== null && name.length > limit) throw requestRules.friendlyNameTooLong();
  return name;
}

/** Checks a required friendly name. */
export function checkRequiredName(name: string | undefined, limit = nameLimits.other): string {
  if (name === undefined || name === "") throw requestRules.friendlyNameMissing();
  return checkFriendlyName(name, limit) ?? name;
}
