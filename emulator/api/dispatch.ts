import { ApiError, NotEmulatedError } from "../domain/errors.ts";
import { requestRules } from "../domain/rules/request.ts";
import type { World } from "../domain/world.ts";
import { checkCredentials } from "../http/auth.ts";
import type { Host } from "../http/host.ts";
import { Params } from "../http/params.ts";
import type { Reply } from "../http/reply.ts";
import { Router } from "../http/router.ts";
import type { HttpRequest } from "../http/server.ts";
import type { Call, Handler } from "./call.ts";
import { allOperations, type Operation } from "./operations.ts";

type Product = Operation["product"];

/** Compiled once: the table never changes. */
const routers: ReadonlyMap<string, Router<Operation>> = compile();

function compile(): Map<Product, Router<Operation>> {
  const compiled = new Map<Product, Router<Operation>>();
  for (const operation of allOperations) {
    const router = compiled.get(operation.product) ?? new Router<Operation>();
    compiled.set(operation.product, router);
    router.add(operation.method, operation.path, operation);
  }
  return compiled;
}

/**
 * Answers a request to Twilio's REST APIs: credentials, then the route, then the operation. A Host header of
 * *.twilio.com says which product is meant; otherwise the path does.
 */
export async function dispatch(
  world: World,
  request: HttpRequest,
  host: Host,
  log: (message: string) => void,
): Promise<Reply> {
  if (request.method === "OPTIONS") return { status: 204 };
  checkCredentials(world.account, request.headers.authorization);
  if (request.body === undefined) throw requestRules.bodyTooLarge();
  const [path = "/", queryText = ""] = splitOnce(request.url, "?");
  const { operation, params } = findOperation(request.method, path, host);
  if (operation.handler === undefined) {
    const twilio = `https://${operation.product}.twilio.com${operation.path}`;
    throw new NotEmulatedError(`${operation.method} ${operation.path} (${twilio})`);
  }
  const serviceSid = params.get("ChatServiceSid");
  const service = serviceSid === undefined ? world.defaultService : world.services.get(serviceSid);
  const unversioned = withoutVersion(path);
  if (service === undefined) throw requestRules.notFound(unversioned);
  const isForm = request.headers["content-type"]?.startsWith("application/x-www-form-urlencoded") ?? false;
  return run(operation, operation.handler, log, {
    world,
    service,
    scoped: serviceSid !== undefined,
    base: `${host.origin}/v1${serviceSid === undefined ? "" : `/Services/${service.sid}`}`,
    path: unversioned,
    params,
    query: Params.parse(queryText),
    form: Params.parse(isForm ? request.body : ""),
    body: request.body,
    headers: request.headers,
    origin: { source: "API", webhooks: isEnabled(request.headers["x-twilio-webhook-enabled"]) },
  });
}

/** Runs an operation. A refusal that its row does not list is a defect of the table, and is logged. */
async function run(
  operation: Operation,
  handler: Handler,
  log: (message: string) => void,
  call: Call,
): Promise<Reply> {
  try {
    return await handler(call);
  } catch (error) {
    const ruleId = error instanceof ApiError ? error.ruleId : undefined;
    if (ruleId !== undefined && !operation.rules.some(({ id }) => id === ruleId)) {
      log(`defect: ${operation.method} ${operation.path} refuses by ${ruleId}, which its row does not list`);
    }
    throw error;
  }
}

function findOperation(method: string, path: string, host: Host) {
  if (host.product !== undefined && !routers.has(host.product)) {
    throw new NotEmulatedError(`${method} ${host.origin}${path}`);
  }
  const candidates = host.product === undefined ? [...routers.values()] : [routers.get(host.product)];
  let pathExists = false;
  for (const router of candidates) {
    const match = router?.match(method, path);
    if (match?.found === "route") return { operation: match.handler, params: match.params };
    if (match?.found === "path") pathExists = true;
  }
  throw pathExists ? requestRules.methodNotAllowed() : requestRules.notFound(withoutVersion(path));
}

function isEnabled(header: string | string[] | undefined): boolean {
  return String(header ?? "").toLowerCase() === "true";
}

function withoutVersion(path: string): string {
  return path.replace(/^\/v\d+(?=\/)/, "");
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at === -1 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}
