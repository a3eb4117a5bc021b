import { requestRules } from "./rules/request.ts";

/** Parses "true" or "false", case-insensitive; an omitted value is not changed. */
export function checkFlag(name: string, text: string | undefined, present: boolean): boolean {
  if (text === undefined) return present;
  const lower = text.toLowerCase();
  if (lower !== "true" && lower !== "false") throw requestRules.invalidParameter(name);
  return lower === "true";
}
