import { requestRules } from "./rules/request.ts";

/** Longest attributes, in bytes: 16 KB on a conversation, 4 KB on everything else ("Conversations Limits"). */
export const attributeLimits = { conversation: 16 * 1024, other: 4 * 1024 };

/** Passes attributes that are JSON text of at most `limit` bytes; `{}` when there are none. */
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

/** Passes a friendly name of at most 256 characters ("Conversations Limits"). */
export function checkFriendlyName(name: string | null): string | null {
  if (name !== null && name.length > 256) throw requestRules.friendlyNameTooLong();
  return name;
}

/** Passes a friendly name that must be there. */
export function checkRequiredName(name: string | undefined): string {
  if (name === undefined || name === "") throw requestRules.friendlyNameMissing();
  return checkFriendlyName(name) ?? name;
}
