import { InvalidInput, Misconfigured, UpstreamFailed } from "../errors.ts";
import { type IncomingAnswer, NoAnswer, sendRequest } from "../http.ts";
import { omitUndefined } from "../omit-undefined.ts";
import { scaled } from "../time-scale.ts";

/** A request that the official resource classes pass to their HTTP client. */
export interface TwilioRequest {
  readonly method: string;
  readonly uri: string;
  readonly params?: Readonly<Record<string, unknown>>;
  /** The fields of a form, or a file. */
  readonly data?: Readonly<Record<string, unknown>> | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The answer that they expect. */
export interface TwilioAnswer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** How to reach Twilio. */
export interface TransportSettings {
  readonly username: string;
  readonly password: string;
  /** The emulator's URL, which replaces `https://<product>.twilio.com`. */
  readonly baseUrl: string | undefined;
}

const ATTEMPTS = 4;
const FIRST_DELAY_MS = 200;
/** Short enough that a Function has time left to find out whether a request without an answer has succeeded. */
const LONGEST_ATTEMPT_MS = 4_000;

/**
 * Sends a request to Twilio, and repeats it where that is safe and there is time:
 *
 * - After a 429, which means that it was not processed: after the delay that Twilio asks for, with jitter.
 * - When no connection was established.
 * - A GET after a lost answer and after any 5xx. No other method: a lost POST may have taken effect, and after a lost
 *   DELETE the repeated one would fail although the first has succeeded.
 *
 * @param deadline When the answer must have arrived, in milliseconds since the epoch.
 * @throws {UpstreamFailed} when there is no answer; `lost` tells whether the request may have taken effect.
 */
export async function sendToTwilio(
  settings: TransportSettings,
  request: TwilioRequest,
  deadline: number,
): Promise<TwilioAnswer> {
  const url = urlOf(request);
  for (let attempt = 1; ; attempt++) {
    const outcome = await attemptOnce(settings, request, url, deadline);
    const delay = delayBeforeRetry(request.method, outcome, attempt);
    if (delay !== undefined && Date.now() + delay < deadline) {
      await new Promise((resolve) => setTimeout(resolve, delay));
      continue;
    }
    if (outcome instanceof NoAnswer) {
      throw new UpstreamFailed("Twilio did not answer.", {
        cause: outcome,
        lost: outcome.sent,
        timeout: outcome.timedOut,
      });
    }
    return { statusCode: outcome.status, headers: outcome.headers, body: outcome.body };
  }
}

async function attemptOnce(
  settings: TransportSettings,
  request: TwilioRequest,
  url: URL,
  deadline: number,
): Promise<IncomingAnswer | NoAnswer> {
  const { data } = request;
  const isFile = Buffer.isBuffer(data);
  const timeoutMs = Math.min(
    deadline - Date.now(),
    isFile ? Number.POSITIVE_INFINITY : scaled(LONGEST_ATTEMPT_MS),
  );
  if (timeoutMs <= 0)
    return new NoAnswer("this invocation has no time left", { sent: false, timedOut: true });
  try {
    return await sendRequest({
      url: targetOf(url, settings.baseUrl),
      method: request.method.toUpperCase(),
      headers: {
        ...request.headers,
        // The emulator distinguishes products by their host, too.
        host: url.host,
        authorization: `Basic ${Buffer.from(`${settings.username}:${settings.password}`).toString("base64")}`,
        "user-agent": "parley",
      },
      ...omitUndefined({ body: isFile ? data : data && encodeForm(data) }),
      timeoutMs,
    });
  } catch (error) {
    if (error instanceof NoAnswer) return error;
    throw error;
  }
}

/** Milliseconds to wait before the next attempt, or `undefined` if there must be none. */
function delayBeforeRetry(
  method: string,
  outcome: IncomingAnswer | NoAnswer,
  attempt: number,
): number | undefined {
  if (attempt >= ATTEMPTS) return undefined;
  const backoff = scaled(FIRST_DELAY_MS) * 2 ** (attempt - 1) * (0.5 + Math.random());
  const isRead = method.toUpperCase() === "GET";
  if (outcome instanceof NoAnswer)
    return isRead || (!outcome.sent && !outcome.timedOut) ? backoff : undefined;
  if (outcome.status === 429) {
    const asked = Number(outcome.headers["retry-after"]);
    return Number.isFinite(asked) ? asked * 1_000 + backoff : backoff;
  }
  return isRead && outcome.status >= 500 ? backoff : undefined;
}

/** @throws {Misconfigured} for a URL that is not Twilio's, since the request carries credentials. */
function urlOf(request: TwilioRequest): URL {
  const url = new URL(request.uri);
  if (url.protocol !== "https:" || !url.hostname.endsWith(".twilio.com")) {
    throw new Misconfigured(`Refusing to send Twilio credentials to ${url.origin}.`);
  }
  if (!request.uri.startsWith(url.origin + url.pathname)) {
    // A dot segment in a unique name would change the path to another resource.
    throw new InvalidInput("A SID or unique name must not contain path segments.");
  }
  for (const [name, value] of Object.entries(request.params ?? {})) {
    for (const item of valuesOf(value)) url.searchParams.append(name, item);
  }
  return url;
}

function targetOf(url: URL, baseUrl: string | undefined): string {
  return baseUrl === undefined ? url.href : `${baseUrl}${url.pathname}${url.search}`;
}

function encodeForm(data: Readonly<Record<string, unknown>>): string {
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(data))
    for (const item of valuesOf(value)) form.append(name, item);
  return form.toString();
}

/** Lists become repeated parameters; undefined and null are omitted. */
function valuesOf(value: unknown): string[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value.map(String) : [String(value)];
}
