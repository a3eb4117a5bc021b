import * as v from "valibot";
import { listVariable } from "./environment.ts";

/** Variable of every handler that browsers call. */
export const corsEntries = {
  CORS_ORIGINS: v.optional(
    v.pipe(
      listVariable(),
      v.check(
        (origins) => origins.every(isOrigin),
        'must be origins as browsers send them, such as https://app.example.com, or "*"',
      ),
    ),
    "",
  ),
};

/** Whether a request's `Origin` can be equal to it. Apps send schemes of their own, such as `capacitor://localhost`. */
function isOrigin(text: string): boolean {
  if (/^https?:/.test(text)) return URL.canParse(text) && new URL(text).origin === text;
  return text === "*" || /^[a-z][a-z0-9+.-]*:\/\/[^\s/?#]+$/.test(text);
}

const PREFLIGHT_HEADERS = {
  "Access-Control-Allow-Methods": "GET, POST, OPTIONS",
  "Access-Control-Allow-Headers": "Authorization, Content-Type",
  "Access-Control-Max-Age": "600",
};

/**
 * CORS headers for one request (https://fetch.spec.whatwg.org/#http-cors-protocol).
 *
 * @param origins Allowed origins, such as `https://app.example.com`, compared whole. `*` allows all, which is safe
 *   because no endpoint reads cookies.
 * @param origin The request's `Origin`.
 */
export function corsHeaders(
  origins: readonly string[],
  origin: string | undefined,
  isPreflight: boolean,
): Record<string, string> {
  const vary = { Vary: "Origin" };
  if (origin === undefined || !(origins.includes(origin) || origins.includes("*"))) return vary;
  return { ...vary, "Access-Control-Allow-Origin": origin, ...(isPreflight && PREFLIGHT_HEADERS) };
}
