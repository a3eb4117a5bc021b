/**
 * A process that emulates API Gateway and Lambda: it loads the bundles of `dist/lambda` and calls their handlers
 * with HTTP API events (payload format 2.0), as recorded in AWS's documentation, or with any event as Lambda's own API does
 * (`/2015-03-31/functions/<name>/invocations`). Prints its address when it listens.
 *
 * `PORT` is where it listens; unless set, a free port. `EVENT_QUEUE_URL` is the base URL of the queues, each named after its endpoint. Without it, the process starts queues, and
 * answers an event when they are empty. The argument is the project's folder.
 */
import { randomUUID } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import type { APIGatewayProxyStructuredResultV2, SQSBatchResponse } from "aws-lambda";
import { assetsFolder, posixPath, root } from "../../../infra/endpoints.ts";
import { role } from "./aws-signature.ts";
import { EventQueue, queueUrlOf } from "./event-queue.ts";

type LambdaHandler = (event: unknown, context: unknown) => Promise<unknown>;

const TIME_LIMIT_MS = 15_000;
/** The chat page, which a bucket serves on AWS. */
const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json",
  ".svg": "image/svg+xml",
};
const folder = process.argv[2] ?? root;
const ASSETS = readdirSync(assetsFolder, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map(({ parentPath, name }) => join(parentPath, name))
  .filter((file) => !file.includes(".private."))
  .map((file) => ({
    file,
    name: posixPath(assetsFolder, file),
    type: TYPES[extname(file)] ?? "application/octet-stream",
  }));
/** The paths of the function that serves files. */
const OF_FILES = ["/", "/openapi.json"];
const INVOCATION = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/;
const load = createRequire(import.meta.url);

const ownQueue = process.env.EVENT_QUEUE_URL === undefined ? await EventQueue.start() : undefined;
if (ownQueue !== undefined) Object.assign(process.env, role);
ownQueue?.consume(
  async (endpoint, event) => (await invoke(`${endpoint}-consumer`, event)) as SQSBatchResponse,
);
const queuesUrl = process.env.EVENT_QUEUE_URL ?? ownQueue?.url ?? "";

const server = createServer((request, response) => {
  serve(request, response).catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.stack : error}\n`);
    response
      .writeHead(500, { "content-type": "application/json" })
      .end('{"message":"Internal Server Error"}');
  });
});
server.listen(Number(process.env.PORT ?? 0), "127.0.0.1", () => {
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  // This gateway uses plain HTTP, which the event cannot express.
  process.env.PUBLIC_BASE_URL ??= url;
  process.stdout.write(`${url}\n`);
});

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  const [path = "/", query = ""] = (request.url ?? "/").split("?", 2);
  const [, invoked] = INVOCATION.exec(path) ?? [];
  if (invoked !== undefined) {
    const result = await invoke(decodeURIComponent(invoked), JSON.parse(body.toString("utf8")));
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(result));
    return;
  }
  if (OF_FILES.includes(path) && request.method === "GET") {
    answer(response, await invoke("/index", eventOf(request, path, query, body)));
    return;
  }
  const asset = ASSETS.find(({ name }) => `/${name}` === path);
  if (asset !== undefined && (request.method === "GET" || request.method === "HEAD")) {
    response.writeHead(200, { "content-type": asset.type }).end(readFileSync(asset.file));
    return;
  }
  if (!existsSync(bundleOf(path))) {
    response.writeHead(404, { "content-type": "application/json" }).end('{"message":"Not Found"}');
    return;
  }
  const event = eventOf(request, path, query, body);
  const result = await invoke(path, event);
  await ownQueue?.idle();
  answer(response, result);
}

function answer(response: ServerResponse, result: unknown): void {
  const { statusCode = 200, headers = {}, body } = result as APIGatewayProxyStructuredResultV2;
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, String(value));
  response.writeHead(statusCode).end(body);
}

const bundleOf = (name: string): string => join(folder, "dist/lambda", name, "index.js");

function invoke(name: string, event: object): Promise<unknown> {
  // Each function has its own queue, and reads its environment when it is loaded.
  process.env.EVENT_QUEUE_URL = queueUrlOf(queuesUrl, name.replace(/^\//, ""));
  const { handler } = load(bundleOf(name)) as { handler: LambdaHandler };
  const startedAt = Date.now();
  return handler(event, {
    awsRequestId: randomUUID(),
    functionName: name,
    getRemainingTimeInMillis: () => TIME_LIMIT_MS - (Date.now() - startedAt),
  });
}

function eventOf(request: IncomingMessage, path: string, query: string, body: Buffer): object {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) headers[name] = String(value);
  const isText = /^(text\/|application\/(json|xml|javascript))/.test(headers["content-type"] ?? "");
  const method = request.method ?? "GET";
  return {
    version: "2.0",
    routeKey: `${method} ${path}`,
    rawPath: path,
    rawQueryString: query,
    headers,
    ...(query !== "" && { queryStringParameters: Object.fromEntries(new URLSearchParams(query)) }),
    requestContext: {
      accountId: "123456789012",
      apiId: "api",
      domainName: headers.host,
      domainPrefix: "api",
      http: {
        method,
        path,
        protocol: "HTTP/1.1",
        sourceIp: "127.0.0.1",
        userAgent: headers["user-agent"] ?? "",
      },
      requestId: randomUUID(),
      routeKey: `${method} ${path}`,
      stage: "$default",
      time: "12/Mar/2026:19:03:58 +0000",
      timeEpoch: 1_773_342_238_000,
    },
    ...(body.length > 0 && { body: isText ? body.toString("utf8") : body.toString("base64") }),
    isBase64Encoded: body.length > 0 && !isText,
  };
}
