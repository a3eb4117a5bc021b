import { randomUUID } from "node:crypto";
import { createRequire } from "node:module";
import type { SQSBatchResponse } from "aws-lambda";
import { bundleFile, type Endpoint, endpoints, targetsOf } from "../../infra/endpoints.ts";
import { role } from "../../tools/local/lambda/aws-signature.ts";
import { EventQueue, queueUrlOf } from "../../tools/local/lambda/event-queue.ts";

/** A request as it comes to either platform. */
export interface BundleRequest {
  readonly method: string;
  readonly query: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** What a bundle answers. */
export interface BundleAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** An endpoint's bundle on one platform. */
export interface Bundle {
  readonly platform: "twilio" | "lambda";
  readonly endpoint: Endpoint;
  /** Rejects with what the bundle throws, which it never must. */
  call(request: BundleRequest): Promise<BundleAnswer>;
}

/** Where the deployment is for those who call it. */
export const ORIGIN = "https://example.com";

type LambdaHandler = (event: unknown, context: unknown) => Promise<unknown>;
type TwilioHandler = (
  context: object,
  event: object,
  callback: (_: null, answer: TwilioAnswer) => void,
) => void;

/** `Twilio.Response` of the Functions runtime. */
class TwilioAnswer {
  status = 0;
  body: unknown;
  readonly headers: Record<string, string> = {};
  setStatusCode(status: number): void {
    this.status = status;
  }
  setBody(body: unknown): void {
    this.body = body;
  }
  appendHeader(name: string, value: string): void {
    this.headers[name] = value;
  }
}

const load = createRequire(import.meta.url);

/**
 * Loads every bundle into this process, as its platform does.
 *
 * @returns them, and the queue behind those whose events wait in one.
 */
export async function loadBundles(variables: Readonly<Record<string, string>>) {
  const queue = await EventQueue.start();
  const settings = { ...variables, PUBLIC_BASE_URL: ORIGIN };
  Object.assign(process.env, role, settings);
  Object.assign(globalThis, { Twilio: { Response: TwilioAnswer }, Runtime: { getAssets: () => ({}) } });
  const consumers = new Map<string, LambdaHandler>();
  for (const endpoint of endpoints().filter((one) => targetsOf(one).includes("consumer"))) {
    // Each has a queue of its own, and reads its address when it is loaded.
    Object.assign(process.env, { EVENT_QUEUE_URL: queueUrlOf(queue.url, endpoint.name) });
    load(bundleFile(endpoint, "lambda"));
    consumers.set(endpoint.name, load(bundleFile(endpoint, "consumer")).handler as LambdaHandler);
  }
  queue.consume(async (name, batch) => {
    const consumer = consumers.get(name);
    if (consumer === undefined) throw new Error(`There is no consumer for ${name}.`);
    return (await consumer(batch, contextOf())) as SQSBatchResponse;
  });
  const bundles = endpoints().flatMap((endpoint): Bundle[] => [
    { platform: "twilio", endpoint, call: (request) => callTwilio(endpoint, settings, request) },
    {
      platform: "lambda",
      endpoint,
      async call(request) {
        const answer = await callLambda(endpoint, request);
        await queue.idle();
        return answer;
      },
    },
  ]);
  return { bundles, queue };
}

const contextOf = () => ({
  awsRequestId: randomUUID(),
  getRemainingTimeInMillis: () => 15_000,
});

async function callLambda(endpoint: Endpoint, request: BundleRequest): Promise<BundleAnswer> {
  const { handler } = load(bundleFile(endpoint, "lambda")) as { handler: LambdaHandler };
  const path = `/${endpoint.name}`;
  const { method, headers, query, body } = request;
  const event = {
    version: "2.0",
    routeKey: `${method} ${path}`,
    rawPath: path,
    rawQueryString: query,
    headers,
    requestContext: { http: { method, path }, domainName: "example.com", requestId: randomUUID() },
    body: body.toString("base64"),
    isBase64Encoded: true,
  };
  const answer = (await handler(event, contextOf())) as {
    statusCode: number;
    headers: Record<string, string>;
    body: string;
  };
  return { status: answer.statusCode, headers: answer.headers, body: answer.body };
}

function callTwilio(
  endpoint: Endpoint,
  settings: Readonly<Record<string, string>>,
  { query, headers, body }: BundleRequest,
): Promise<BundleAnswer> {
  const { handler } = load(bundleFile(endpoint, "twilio")) as { handler: TwilioHandler };
  const context = { ...settings, DOMAIN_NAME: "example.com", PATH: `/${endpoint.name}` };
  const fields = { ...fieldsOf(query), ...bodyFieldsOf(headers["content-type"] ?? "", body.toString()) };
  const event = { request: { headers, cookies: {} }, ...fields };
  return new Promise((resolve) => {
    handler(context, event, (_, answer) => {
      const text = typeof answer.body === "string" ? answer.body : JSON.stringify(answer.body);
      resolve({ status: answer.status, headers: answer.headers, body: text });
    });
  });
}

/** As the runtime reads them: a field that is there twice is a list. */
function fieldsOf(form: string): Record<string, unknown> {
  const fields: Record<string, unknown> = Object.create(null);
  const parameters = new URLSearchParams(form);
  for (const name of parameters.keys()) {
    const all = parameters.getAll(name);
    fields[name] = all.length === 1 ? all[0] : all;
  }
  return fields;
}

function bodyFieldsOf(type: string, body: string): Record<string, unknown> {
  if (!type.includes("json")) return fieldsOf(body);
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};
  } catch {
    // The runtime answers this by itself.
    return {};
  }
}
