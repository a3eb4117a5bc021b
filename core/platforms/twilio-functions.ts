import { Call, LONGEST_SIGNED_CALL_MS, newRequestId } from "../call.ts";
import { type Environment, withSettings, withVariables } from "../environment.ts";
import { answerUnopened, type Handler, type OpenHandler } from "../handler.ts";
import type { LogSink } from "../log.ts";
import { BODY_HASH, emptyFields, type Request, type Response } from "../request.ts";
import { scaled } from "../time-scale.ts";

/** The `context` of a Twilio Function: the environment, and the function's domain and path. */
export type FunctionContext = Environment;

/** Its `event`: the fields of query and body in one object, and the headers under `request`. */
export type FunctionEvent = Readonly<Record<string, unknown>>;

/** `Twilio.Response`, a global of the Functions runtime. */
interface TwilioResponse {
  setStatusCode(status: number): unknown;
  setBody(body: Response["body"]): unknown;
  appendHeader(name: string, value: string): unknown;
}
declare const Twilio: { readonly Response: new () => TwilioResponse };

/** The private assets by their paths, a global of the Functions runtime. */
declare const Runtime: { getAssets(): Readonly<Record<string, { open(): string } | undefined>> };

/** The private asset in which the build puts the settings of `settings.json`, if there are any. */
const SETTINGS_ASSET = "/settings.json";

type Callback = (error: null, response: TwilioResponse) => void;

/** A Function has 10 seconds; then Twilio terminates it and answers 504. */
export const TIME_LIMIT_MS = 10_000;
const TIME_TO_ANSWER_MS = 500;

/**
 * Runs a handler as a Twilio Function.
 *
 * Twilio's runtime answers an error with its stack, and hangs on a function that never calls back; so this one
 * catches everything and always calls back.
 *
 * @returns the Function's `handler` export.
 */
export function twilioFunction(handler: Handler, name: string) {
  const isProtected = handler.access.schemes.join() === "X-Twilio-Signature";
  let settings: ReturnType<typeof readSettings> | undefined;
  let opened: { readonly handler: OpenHandler; readonly authToken: unknown } | undefined;
  const environmentOf = (context: FunctionContext, fromFile: Readonly<Record<string, string>>) => {
    const environment = withSettings(withWholeValues(context, handler.variables), fromFile);
    return isProtected ? withVariables(environment, NO_WEBHOOK_KEYS) : environment;
  };
  return async (context: FunctionContext, event: FunctionEvent, callback: Callback): Promise<void> => {
    const call = newCall(event);
    try {
      const authToken = context.AUTH_TOKEN;
      // Twilio sets it, and updates it when the account's auth token changes.
      if (opened?.authToken !== authToken) opened = undefined;
      settings ??= readSettings();
      opened ??= { handler: handler.open(environmentOf(context, settings), consoleSink, name), authToken };
    } catch (error) {
      callback(null, toTwilioResponse(answerUnopened(error, call, consoleSink, name)));
      return;
    }
    try {
      const request = toRequest(context, event, settings.PUBLIC_BASE_URL);
      callback(null, toTwilioResponse(await opened.handler.answer(request, call)));
    } catch (error) {
      callback(
        null,
        toTwilioResponse(opened.handler.fail(error, call, headersOf(event.request).get("origin"))),
      );
    }
  };
}

/**
 * Twilio's gateway checks the signature of a `.protected` Function before the Function does, and is not known to accept one
 * of a shared key.
 */
const NO_WEBHOOK_KEYS = { WEBHOOK_KEYS: undefined, WEBHOOK_KEYS_ONLY: undefined };

function readSettings(): Readonly<Record<string, string>> {
  const asset = Runtime.getAssets()[SETTINGS_ASSET];
  return asset === undefined ? {} : JSON.parse(asset.open());
}

/** The end of a value that continues in the next variable. */
export const CONTINUES = "\\";

/**
 * Joins values that `npm run deploy:twilio` has split, since Twilio accepts 450 bytes per variable: a value that ends in a backslash
 * continues in `NAME_2`, that one in `NAME_3`. Without the mark a variable that is left over from a longer value would be read.
 */
function withWholeValues(context: FunctionContext, names: readonly string[]): Environment {
  const whole: Record<string, string> = {};
  for (const name of names) {
    const first = context[name];
    if (typeof first !== "string" || !first.endsWith(CONTINUES)) continue;
    let value = first;
    for (let part = 2; value.endsWith(CONTINUES); part++)
      value = `${value.slice(0, -1)}${context[`${name}_${part}`] ?? ""}`;
    whole[name] = value;
  }
  return withVariables(context, whole);
}

function newCall({ request }: FunctionEvent): Call {
  const most = headersOf(request).has("x-twilio-signature")
    ? LONGEST_SIGNED_CALL_MS
    : TIME_LIMIT_MS - TIME_TO_ANSWER_MS;
  return new Call(newRequestId(), Date.now() + scaled(most));
}

/** Turns a Function's two arguments into a request. Pure. `baseUrl`: the setting, where the context has none. */
export function toRequest(context: FunctionContext, event: FunctionEvent, baseUrl?: string): Request {
  const headers = headersOf(event.request);
  const fields = emptyFields();
  for (const [name, value] of Object.entries(event)) {
    if (name !== "request" && name !== BODY_HASH) fields[name] = value;
  }
  const publicBaseUrl = publicBaseUrlOf(context, baseUrl);
  return {
    method: undefined,
    headers,
    fields,
    url: publicBaseUrl === undefined ? undefined : `${publicBaseUrl}${context.PATH ?? "/"}`,
    bodyHash: typeof event[BODY_HASH] === "string" ? event[BODY_HASH] : undefined,
    raw: undefined,
    publicBaseUrl,
  };
}

/** `?request=evil` replaces the runtime's own `event.request`, so it may be any value. */
function headersOf(request: unknown): Map<string, string> {
  const headers = new Map<string, string>();
  if (typeof request !== "object" || request === null || !("headers" in request)) return headers;
  if (typeof request.headers !== "object" || request.headers === null) return headers;
  for (const [name, value] of Object.entries(request.headers)) {
    if (typeof value === "string") headers.set(name.toLowerCase(), value);
  }
  return headers;
}

function publicBaseUrlOf(context: FunctionContext, baseUrl: string | undefined): string | undefined {
  const configured = context.PUBLIC_BASE_URL || baseUrl;
  if (typeof configured === "string" && configured !== "") return configured.replace(/\/+$/, "");
  const domain = context.DOMAIN_NAME;
  if (typeof domain !== "string" || domain === "") return undefined;
  return /^(localhost|127\.0\.0\.1)(:|$)/.test(domain) ? `http://${domain}` : `https://${domain}`;
}

function toTwilioResponse(response: Response): TwilioResponse {
  const twilio = new Twilio.Response();
  twilio.setStatusCode(response.status);
  for (const [name, value] of Object.entries(response.headers)) twilio.appendHeader(name, value);
  twilio.setBody(response.body);
  return twilio;
}

/** Twilio stores console output, and reports `console.error` in its debugger as error 82005. */
const consoleSink: LogSink = (level, line) => console[level](line);
