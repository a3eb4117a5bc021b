import { requestRules } from "./rules/request.ts";

/** Passes "true" or "false" in any case; what is not given stays as it is. */
export function checkFlag(name: string, text: string | undefined, present: boolean): boolean {
  if (text === undefined) return present;
  const lower = text.toLowerCase();
  if (lower !== "true" && lower !== "false") throw requestRules.invalidParameter(name);
  return lower === "true";
}
