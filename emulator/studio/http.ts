import { createHash } from "node:crypto";
import type { Clock } from "../clock.ts";
import { HttpClient, type OutgoingRequest, TimeLimit } from "../webhooks/http-client.ts";
import { signWebhook } from "../webhooks/signature.ts";

/** A request of a widget: a form of fields, or a text of another type. */
export interface Request {
  readonly method: "GET" | "POST";
  readonly url: string;
  readonly fields: readonly (readonly [name: string, value: string])[];
  /** A body other than a form. */
  readonly text?: { readonly type: string; readonly body: string } | undefined;
}

/** The response, or the error. */
export type Answer =
  | { readonly status: number; readonly contentType: string; readonly body: string; readonly url: string }
  | { readonly error: string };

/** The time limit of a request and the maximum size of a response ("Make HTTP Request widget", "Run Function widget"). */
const limits = { ms: 10_000, bytes: 64 * 1024, redirects: 5 };

/** Sends requests of widgets: signed, within ten seconds, with responses of at most 64 kB. */
export class WidgetHttp {
  readonly #clock: Clock;
  readonly #client: HttpClient;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#client = new HttpClient(clock);
  }

  /** Sends a request and follows redirects. Never rejects. */
  async send(authToken: string, request: Request): Promise<Answer> {
    const total = new TimeLimit();
    const cancel = this.#clock.deadline(limits.ms, () => total.end());
    try {
      return await this.#follow(authToken, request, total);
    } finally {
      cancel();
    }
  }

  close(): void {
    this.#client.close();
  }

  async #follow(authToken: string, first: Request, total: TimeLimit): Promise<Answer> {
    let request = first;
    for (let count = 0; count <= limits.redirects; count += 1) {
      const unsendable = refusalOf(request.url);
      if (unsendable !== undefined) return { error: unsendable };
      const outgoing = build(authToken, request);
      const totalError = { code: 11205, message: "no answer within 10 s" };
      const outcome = await this.#client.send(outgoing, {
        connectMs: undefined,
        readMs: undefined,
        total,
        totalError,
      });
      if (outcome.error !== undefined) return { error: outcome.error.message };
      const { status, body, headers } = outcome;
      const location = headers.location;
      if (status < 300 || status >= 400 || location === undefined) {
        if (Buffer.byteLength(body) > limits.bytes) return { error: "the answer is larger than 64 kB" };
        return { status, body, contentType: headers["content-type"] ?? "", url: request.url };
      }
      request = { method: "GET", url: new URL(location, request.url).href, fields: [] };
    }
    return { error: `more than ${limits.redirects} redirects` };
  }
}

/** A URL with variables may be invalid; Studio does not correct it. */
function refusalOf(url: string): string | undefined {
  if (/^https?:\/\//i.test(url) && URL.canParse(url) && !/\s/.test(url)) return undefined;
  return `"${url}" is not a URL`;
}

function formOf(fields: Request["fields"]): string {
  const form = new URLSearchParams();
  for (const [name, value] of fields) form.append(name, value);
  return form.toString();
}

/**
 * The HTTP request. Forms are signed over URL and fields, texts over a URL with their digest
 * ("Webhooks Security": bodySHA256); credentials in the URL become a header.
 */
function build(authToken: string, { method, url: given, fields, text }: Request): OutgoingRequest {
  const parsed = new URL(given);
  const { username, password } = parsed;
  parsed.username = "";
  parsed.password = "";
  if (text !== undefined || method === "GET")
    for (const [name, value] of fields) parsed.searchParams.append(name, value);
  if (text !== undefined)
    parsed.searchParams.append("bodySHA256", createHash("sha256").update(text.body).digest("hex"));
  const url = parsed.href;
  const isForm = method === "POST" && text === undefined;
  const body = text?.body ?? (isForm ? formOf(fields) : "");
  const signed = isForm ? new Map(fields) : new Map<string, string>();
  const headers: Record<string, string> = {
    Accept: "*/*",
    "User-Agent": "TwilioProxy/1.1",
    "X-Twilio-Signature": signWebhook(authToken, url, signed),
  };
  if (username !== "")
    headers.Authorization = `Basic ${Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString("base64")}`;
  if (method === "POST") {
    headers["Content-Type"] = text?.type ?? "application/x-www-form-urlencoded";
    headers["Content-Length"] = String(Buffer.byteLength(body));
  }
  return { method, url, headers, body: method === "GET" ? "" : body };
}
