import { SignJWT } from "jose";
import { twilioSignature } from "../../core/access/signature.ts";
import { parseForm } from "../../core/request.ts";
import { bundleFile, type Endpoint, type Target } from "../../infra/endpoints.ts";
import { type Fields, jobOf, type Twilio } from "./jobs.ts";

/** The argument of a program of {@link programOf}, as JSON. */
export interface JobRequest {
  readonly headers: Fields;
  readonly fields: Fields;
  /** The same as text, for Lambda. */
  readonly body: string;
  /** Whether an ignored event counts as a completed job. */
  readonly mayBeIgnored?: boolean;
}

const ORIGIN = "https://example.com";

/**
 * Endpoints that act only on a record signed by another endpoint. Until a job makes that endpoint write it, the benchmark
 * measures how they read a conversation without the record.
 */
const NEED_RECORD: ReadonlySet<string> = new Set(["whatsapp/opt-in-reply", "whatsapp/send-receipt"]);

const SCOPES = "conversations:read conversations:write users:erase users:export";

/** The request for an endpoint's job: from Twilio where only Twilio may call, otherwise from a back end. */
export async function requestOf(endpoint: Endpoint, twilio: Twilio): Promise<JobRequest> {
  const fields = await jobOf(endpoint)(twilio);
  const { JWT_SECRET = "", AUTH_TOKEN = "" } = twilio.variables;
  if (endpoint.isProtected) {
    const request = signedRequest(AUTH_TOKEN, `/${endpoint.name}`, fields);
    return { ...request, mayBeIgnored: NEED_RECORD.has(endpoint.name) };
  }
  const token = await new SignJWT({ sub: "alice", scope: SCOPES })
    .setProtectedHeader({ alg: "HS256" })
    .setExpirationTime("1h")
    .sign(new TextEncoder().encode(JWT_SECRET));
  return bearerRequest(token, fields);
}

/** A webhook request with Twilio's signature. */
function signedRequest(authToken: string, path: string, fields: Fields): JobRequest {
  const body = new URLSearchParams(fields).toString();
  const headers = {
    "content-type": "application/x-www-form-urlencoded",
    "x-twilio-signature": twilioSignature(
      { secret: authToken, hash: "sha1" },
      `${ORIGIN}${path}`,
      parseForm(body),
    ),
  };
  return { headers, fields, body };
}

/** A back end's request with a bearer token. */
function bearerRequest(token: string, fields: Fields): JobRequest {
  const headers = { "content-type": "application/json", authorization: `Bearer ${token}` };
  return { headers, fields, body: JSON.stringify(fields) };
}

/** A program that loads a bundle as its platform does, runs one job, and exits with 0 on success. */
export function programOf(endpoint: Endpoint, target: Target, variables: Fields): string {
  const bundle = JSON.stringify(bundleFile(endpoint, target));
  const settings = JSON.stringify(variables);
  const path = `/${endpoint.name}`;
  return [PREFACE, PROGRAMS[target]({ bundle, settings, path })].join("\n");
}

/** An ignored event counts as a failure, except for {@link NEED_RECORD}. */
const PREFACE = `
const request = JSON.parse(process.argv.at(-1));
const end = (status, body) => {
  const isDone = status >= 200 && status < 300 && (request.mayBeIgnored || !/"status":"ignored"/.test(JSON.stringify(body ?? "")));
  if (!isDone) process.stderr.write(status + " " + JSON.stringify(body) + "\\n");
  process.exit(isDone ? 0 : 1);
};`;

/** Parts of a program, as JavaScript. */
interface Pieces {
  readonly bundle: string;
  readonly settings: string;
  readonly path: string;
}

// A platform opens the log before it calls a handler, so opening it is not measured.
const PROGRAMS: Readonly<Record<Target, (pieces: Pieces) => string>> = {
  twilio: ({ bundle, settings, path }) => `
globalThis.Twilio = { Response: class { setStatusCode(s) { this.status = s; } setBody(b) { this.body = b; } appendHeader() {} } };
console.info = console.warn = console.error = () => {};
require(${bundle}).handler({ ...${settings}, DOMAIN_NAME: "example.com", PATH: "${path}" },
  { request: { headers: request.headers }, ...request.fields }, (_, { status, body }) => end(status, body));`,
  lambda: ({ bundle, settings, path }) => `
Object.defineProperty(process, "stdout", { value: { write: () => true } });
Object.assign(process.env, ${settings});
require(${bundle}).handler({ version: "2.0", routeKey: "POST ${path}", rawPath: "${path}", rawQueryString: "",
  headers: request.headers, requestContext: { http: { method: "POST", path: "${path}" }, domainName: "example.com", requestId: "1" },
  body: request.body }, { awsRequestId: process.pid + "-" + Date.now(), getRemainingTimeInMillis: () => 9000 })
  .then(({ statusCode, body }) => end(statusCode, body));`,
  consumer: ({ bundle, settings, path }) => `
Object.defineProperty(process, "stdout", { value: { write: () => true } });
Object.assign(process.env, ${settings});
const { fields, body } = request;
const waiting = { method: "POST", url: "${ORIGIN}${path}", fields, signature: request.headers["x-twilio-signature"],
  raw: { query: "", body, type: "application/x-www-form-urlencoded" }, publicBaseUrl: "${ORIGIN}" };
require(${bundle}).handler({ Records: [{ messageId: process.pid + "-" + Date.now(), body: JSON.stringify(waiting),
  attributes: { MessageGroupId: fields.ConversationSid, ApproximateReceiveCount: "1" } }] }, { getRemainingTimeInMillis: () => 9000 })
  .then(({ batchItemFailures }) => end(batchItemFailures.length === 0 ? 200 : 500, batchItemFailures));`,
};
