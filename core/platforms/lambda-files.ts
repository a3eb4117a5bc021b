import { readFileSync } from "node:fs";
import { join } from "node:path";
import { readGatewayEvent } from "./gateway-event.ts";
import { type LambdaResult, toResult } from "./gateway-result.ts";

const HEADERS = {
  "Cache-Control": "no-cache",
  // What a page cannot set for itself.
  "Content-Security-Policy": "frame-ancestors 'none'",
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff",
};

/**
 * The Lambda function of the static files at the API's root, which Twilio Functions have among their assets: the index page, and
 * the endpoints' OpenAPI description at `/openapi.json`.
 *
 * @param folder Where `index.html` and `openapi.json` are.
 */
export function filesFunction(folder: string) {
  const read = (name: string, type: string) => ({
    status: 200,
    headers: { ...HEADERS, "Content-Type": type },
    body: readFileSync(join(folder, name), "utf8"),
  });
  const page = read("index.html", "text/html; charset=utf-8");
  const description = read("openapi.json", "application/json");
  return async (event: unknown): Promise<LambdaResult> => {
    const gateway = readGatewayEvent(event);
    return toResult(gateway, gateway?.path.endsWith("/openapi.json") ? description : page);
  };
}
