import { randomUUID } from "node:crypto";
import { writeQueued } from "../../core/platforms/queued-request.ts";
import { readKeys } from "../../core/state/keys.ts";
import { bundleFile, type Endpoint, type Target } from "../../infra/endpoints.ts";

/** The fields of a request. */
export type Fields = Readonly<Record<string, string>>;

/** A request to an endpoint, on any platform. */
export interface JobRequest {
  readonly headers: Fields;
  readonly fields: Fields;
  /** The same as text, for Lambda: those of the URL, and the others. */
  readonly query: string;
  readonly body: string;
}

/** The event with which a platform calls the handler of a bundle. */
export function eventOf(
  { name }: Endpoint,
  target: Target,
  { headers, fields, query, body }: JobRequest,
  variables: Fields,
): object {
  const path = `/${name}`;
  if (target === "twilio") return { request: { headers }, ...fields };
  if (target === "lambda") {
    const http = { method: "POST", path };
    return {
      version: "2.0",
      routeKey: `POST ${path}`,
      rawPath: path,
      rawQueryString: query,
      headers,
      requestContext: { http, domainName: "127.0.0.1", requestId: "1" },
      body,
    };
  }
  const { PUBLIC_BASE_URL: publicBaseUrl } = variables;
  const raw = { query, body, type: headers["content-type"] ?? "" };
  const url = `${publicBaseUrl}${path}`;
  const request = { method: "POST", headers: new Map(Object.entries(headers)), url, raw, publicBaseUrl };
  const message = writeQueued(readKeys(variables), { ...request, fields, bodyHash: undefined });
  const attributes = { MessageGroupId: fields.ConversationSid ?? name, ApproximateReceiveCount: "1" };
  return { Records: [{ messageId: randomUUID(), body: message, attributes }] };
}

/**
 * A program that loads a bundle as its platform does, calls it with the event in its last argument, and exits with 0 on
 * success. An ignored event counts as a failure. Prints the answer on standard error.
 */
export const programOf = (endpoint: Endpoint, target: Target, variables: Fields): string =>
  [
    PREFACE,
    callerOf(endpoint, target, variables),
    "call(event).then(({ status, body }) => end(status, body));",
  ].join("\n");

/**
 * JavaScript that loads a bundle as its platform does, and sets `call`: a function from an event to a promise of the answer's
 * `status` and `body`.
 */
export function callerOf(endpoint: Endpoint, target: Target, variables: Fields): string {
  const bundle = JSON.stringify(bundleFile(endpoint, target));
  const settings = JSON.stringify(variables);
  return CALLERS[target]({ bundle, settings, path: `/${endpoint.name}` });
}

const PREFACE = `
const event = JSON.parse(process.argv.at(-1));
const end = (status, body) => {
  const answer = typeof body === "string" ? body : JSON.stringify(body ?? "");
  require("node:fs").writeSync(2, answer);
  process.exit(status >= 200 && status < 300 && !answer.includes('"status":"ignored"') ? 0 : 1);
};`;

/** Parts of a program, as JavaScript. */
interface Pieces {
  readonly bundle: string;
  readonly settings: string;
  readonly path: string;
}

// A platform opens the log before it calls a handler, so opening it is not measured.
const CALLERS: Readonly<Record<Target, (pieces: Pieces) => string>> = {
  twilio: ({ bundle, settings, path }) => `
globalThis.Twilio = { Response: class { setStatusCode(s) { this.status = s; } setBody(b) { this.body = b; } appendHeader() {} } };
globalThis.Runtime = { getAssets: () => ({ "/settings.json": { open: () => "{}" } }) };
console.info = console.warn = console.error = () => {};
const { handler } = require(${bundle});
const settings = { ...${settings}, PATH: "${path}" };
const call = (event) =>
  new Promise((answered) => handler({ ...settings }, event, (_, answer) => answered(answer)));`,
  lambda: ({ bundle, settings }) => `
Object.defineProperty(process, "stdout", { value: { write: () => true } });
Object.assign(process.env, ${settings});
const { handler } = require(${bundle});
const call = (event) =>
  handler(event, { awsRequestId: process.pid + "-" + Date.now(), getRemainingTimeInMillis: () => 9000 })
    .then(({ statusCode: status, body }) => ({ status, body }));`,
  consumer: ({ bundle, settings }) => `
Object.defineProperty(process, "stdout", { value: { write: () => true } });
Object.assign(process.env, ${settings});
const { handler } = require(${bundle});
const call = (event) =>
  handler(event, { getRemainingTimeInMillis: () => 9000 })
    .then(({ batchItemFailures: body }) => ({ status: body.length === 0 ? 200 : 500, body }));`,
};
