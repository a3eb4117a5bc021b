import { verifyAccessToken } from "../domain/access-token.ts";
import type { ActionLimiter } from "../domain/action-limiter.ts";
import { ApiError, NotEmulatedError } from "../domain/errors.ts";
import type { Resources } from "../domain/resources.ts";
import { requestRules } from "../domain/rules/request.ts";
import { checkCredentials } from "../http/auth.ts";
import type { Host } from "../http/host.ts";
import { readFields } from "../http/multipart.ts";
import { Params } from "../http/params.ts";
import type { HttpResponse } from "../http/response.ts";
import { Router } from "../http/router.ts";
import type { HttpRequest } from "../http/server.ts";
import type { Studio } from "../studio/studio.ts";
import type { Call, Services } from "./call.ts";
import { missingProduct } from "./missing.ts";
import { allOperations, type Operation } from "./operations.ts";
import { countedSid } from "./rate-limits.ts";

type Product = Operation["product"];

/** Products that are emulated completely: an unknown path does not exist at Twilio either. */
const wholeProducts: ReadonlySet<string> = new Set(["conversations", "content", "media", "studio"]);

/** Compiled once, since the table is constant. */
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

/** Dependencies of the dispatcher. */
export interface Emulated extends Services {
  readonly resources: Resources;
  readonly studio: Studio;
  /** If undefined, rates are not limited. */
  readonly limiter: ActionLimiter | undefined;
  log(message: string): void;
}

/**
 * Answers a request to Twilio's REST APIs: credentials, then the route, then the operation. A Host header of
 * *.twilio.com selects the product; otherwise the path does.
 */
export async function dispatch(emulated: Emulated, request: HttpRequest, host: Host): Promise<HttpResponse> {
  const { resources, studio, limiter, log } = emulated;
  if (request.method === "OPTIONS") return { status: 204 };
  const [path = "/", queryText = ""] = splitOnce(request.url, "?");
  const match = findOperation(request.method, path, host);
  // Answered without credentials, which an OAuth client does not have yet.
  if (match instanceof NotEmulatedError) throw match;
  const bearer = authorize(resources, request, match);
  if (match instanceof ApiError) throw match;
  const { operation, params } = match;
  const bytes = request.bytes ?? (request.body === undefined ? undefined : Buffer.from(request.body));
  if (bytes === undefined) throw requestRules.bodyTooLarge();
  const serviceSid = params.get("ChatServiceSid");
  const service = serviceSid === undefined ? resources.defaultService : resources.services.get(serviceSid);
  const unversioned = withoutVersion(path);
  if (service === undefined || (bearer !== undefined && bearer.service !== service))
    throw requestRules.notFound(unversioned);
  const call: Call = {
    resources,
    studio,
    sendMessage: (input) => emulated.sendMessage(input),
    failedWebhooks: () => emulated.failedWebhooks(),
    service,
    scoped: serviceSid !== undefined,
    base: `${host.origin}/${path.split("/")[1]}${serviceSid === undefined ? "" : `/Services/${service.sid}`}`,
    path: unversioned,
    params,
    query: Params.parse(queryText),
    form: readForm(request),
    get body() {
      return request.body ?? "";
    },
    bytes,
    host,
    headers: request.headers,
    origin:
      bearer === undefined
        ? { source: "API", webhooks: isEnabled(request.headers["x-twilio-webhook-enabled"]) }
        : { source: "SDK", webhooks: true, clientIdentity: bearer.identity },
  };
  return run(operation, call, limiter, log);
}

/** The parameters of a form, urlencoded or multipart; empty for other bodies. */
export function readForm({ headers, body, bytes }: HttpRequest): Params {
  const type = headers["content-type"] ?? "";
  if (isUrlEncoded.test(type)) return Params.parse(body ?? "");
  return isMultipart.test(type) ? Params.of(readFields(type, bytes ?? Buffer.alloc(0))) : Params.parse("");
}

const isUrlEncoded = /^application\/x-www-form-urlencoded(;|$)/i;
const isMultipart = /^multipart\/form-data(;|$)/i;

/** Products whose bodies are JSON or files. */
const formless: ReadonlySet<string> = new Set(["content", "mcs", "media"]);

/** The type of a body that the operation ignores; undefined if there is none. */
export function ignoredBody(request: HttpRequest, host: Host): string | undefined {
  const { method, url, headers, bytes } = request;
  const type = headers["content-type"] ?? "";
  if (method !== "POST" || (bytes?.length ?? 0) === 0 || isUrlEncoded.test(type) || isMultipart.test(type))
    return undefined;
  const found = findOperation(method, url.split("?", 1)[0] ?? "", host);
  if (found instanceof ApiError || formless.has(found.operation.product)) return undefined;
  return type || "no type";
}

/** Runs an operation. A rejection that its row does not list is a defect of the table, and is logged. */
async function run(
  operation: Operation,
  call: Call,
  limiter: ActionLimiter | undefined,
  log: (message: string) => void,
): Promise<HttpResponse> {
  try {
    if (limiter !== undefined && operation.countedPer !== undefined) {
      const sid = countedSid(call, operation.countedPer);
      if (!limiter.take(sid, call.resources.clock.now())) throw requestRules.tooManyRequests();
    }
    return await operation.handler(call);
  } catch (error) {
    const ruleId = error instanceof ApiError ? error.ruleId : undefined;
    if (ruleId !== undefined && !operation.rules.some(({ id }) => id === ruleId)) {
      log(`defect: ${operation.method} ${operation.path} refuses by ${ruleId}, which its row does not list`);
    }
    throw error;
  }
}

/**
 * Authenticates the account by its credentials and, where the operation allows it, a user by an access token, or
 * anyone. Unauthenticated callers cannot tell which paths exist.
 */
function authorize(resources: Resources, { headers }: HttpRequest, match: FoundOperation | ApiError) {
  const access = match instanceof ApiError ? "account" : match.operation.access;
  const token = headers["x-twilio-token"];
  if (access === "user" && typeof token === "string") return verifyAccessToken(resources, token);
  if (access !== "anyone") checkCredentials(resources.account, headers.authorization);
  return undefined;
}

/** Whether a request will be rejected because of its head, so that its body need not be read. */
export function isUnauthorized(resources: Resources, request: HttpRequest, host: Host): boolean {
  if (request.method === "OPTIONS") return false;
  const [path = "/"] = splitOnce(request.url, "?");
  try {
    authorize(resources, request, findOperation(request.method, path, host));
    return false;
  } catch {
    return true;
  }
}

/** An operation and the parameters of its path. */
export interface FoundOperation {
  readonly operation: Operation;
  readonly params: ReadonlyMap<string, string>;
}

/** What was found last: a request with a body is looked up before the body is read and again after it. */
let latest:
  | { method: string; sentPath: string; product: string | undefined; found: FoundOperation }
  | undefined;

/** Finds the operation of a path without its query, or the error to answer with. */
export function findOperation(method: string, sentPath: string, host: Host): FoundOperation | ApiError {
  if (latest?.method === method && latest.sentPath === sentPath && latest.product === host.product)
    return latest.found;
  // Twilio's pages have some lists with a slash at the end.
  const path = sentPath.replace(/(?<=.)\/$/, "");
  const missing = missingProduct(method, path, host);
  if (missing !== undefined) return missing;
  if (host.product !== undefined && !routers.has(host.product)) {
    return new NotEmulatedError(`${method} ${host.origin}${path}`);
  }
  const candidates = host.product === undefined ? [...routers.values()] : [routers.get(host.product)];
  let pathExists = false;
  for (const router of candidates) {
    const match = router?.match(method, path);
    if (match?.found === "route") {
      const found = { operation: match.handler, params: match.params };
      latest = { method, sentPath, product: host.product, found };
      return found;
    }
    if (match?.found === "path") pathExists = true;
  }
  if (pathExists) return requestRules.methodNotAllowed();
  // The other products are emulated partly: an unknown path may exist at Twilio.
  const isWhole = host.product === undefined || wholeProducts.has(host.product);
  if (!isWhole) return new NotEmulatedError(`${method} ${host.origin}${path}`);
  return requestRules.notFound(withoutVersion(path));
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
