import type { Request } from "../http.ts";
import { failureOf, resultOf } from "../http-result.ts";
import { parametersOf, type Visit, type Widget } from "../widget.ts";

const form = "application/x-www-form-urlencoded;charset=utf-8";

/**
 * Requests a URL ("Make HTTP Request widget"): 2xx is a success. The parameters of a form that is posted without a body
 * are its fields, as in exported flows; otherwise they are added to the URL, as documented.
 */
export const makeHttpRequest: Widget = {
  properties: {
    method: ["GET", "POST"],
    url: "text",
    body: "text",
    content_type: [form, "application/json;charset=utf-8"],
    parameters: "parameters",
    add_twilio_auth: "boolean",
  },
  required: ["url"],
  events: ["success", "failed"],
  async enter(visit) {
    const url = visit.text("url");
    if (visit.state.properties.add_twilio_auth === true && !isTwilio(url))
      return failureOf(visit, `add_twilio_auth is for Twilio's APIs, and not for ${url}`, "failed");
    const answer = await visit.request(requestOf(visit, url));
    if ("error" in answer) return failureOf(visit, answer.error, "failed");
    const isSuccess = answer.status >= 200 && answer.status < 300;
    return { event: isSuccess ? "success" : "failed", result: resultOf(visit, answer) };
  },
};

function requestOf(visit: Visit, url: string): Request {
  const fields = parametersOf(visit);
  if (visit.state.properties.method !== "POST") return { method: "GET", url, fields };
  const type = String(visit.state.properties.content_type ?? form);
  const body = visit.text("body");
  if (!type.startsWith("application/x-www-form-urlencoded"))
    return { method: "POST", url, fields, text: { type, body } };
  return { method: "POST", url, fields: [...new URLSearchParams(body), ...fields] };
}

function isTwilio(url: string): boolean {
  return URL.canParse(url) && /(^|\.)twilio\.com$/.test(new URL(url).hostname);
}
