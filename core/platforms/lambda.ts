import middy from "@middy/core";
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from "aws-lambda";
import { Call, LONGEST_SIGNED_CALL_MS, newRequestId } from "../call.ts";
import type { Environment } from "../environment.ts";
import { HandlerError, InvalidInput, UpstreamFailed } from "../errors.ts";
import { answerUnopened, type Handler, type OpenHandler } from "../handler.ts";
import type { LogSink } from "../log.ts";
import { mediaType, type Request, type Response, readFields } from "../request.ts";
import { scaled } from "../time-scale.ts";
import { opener, standardOutput, TIME_TO_ANSWER_MS, withCurrentSecrets } from "./opener.ts";

/** Largest body that API Gateway lets through is 10 MB; nothing of ours is near it. */
const LARGEST_BODY_CHARACTERS = 1_000_000;

/**
 * Runs a handler behind an HTTP API (payload format 2.0) or a Function URL, under middy.
 *
 * @returns the function's `handler` export.
 */
export function lambdaHandler(
  handler: Handler,
  name: string,
  environment: Environment = process.env,
  sink: LogSink = standardOutput,
) {
  const handlers = opener((settings) => handler.open(settings, sink, name), name, environment, sink);
  const answerOrFail = async (
    call: Call,
    use: (handler: OpenHandler, call: Call) => Response | Promise<Response>,
  ) => {
    const failure = await handlers.open().then(
      () => undefined,
      (error: unknown) => answerUnopened(error, call, sink, name),
    );
    return toResult(failure ?? (await withCurrentSecrets(handlers, call, use)));
  };
  return middy({
    timeoutEarlyInMillis: TIME_TO_ANSWER_MS / 2,
    timeoutEarlyResponse: () => {
      throw new UpstreamFailed("This call took longer than the function may run.", { timeout: true });
    },
  })
    .onError(async (request) => {
      const { event, context, error } = request as { event: unknown; context: Context; error: unknown };
      const call = callOf(event, context);
      request.response = await answerOrFail(call, (open) =>
        open.fail(error, call, headersOf(event).get("origin")),
      );
    })
    .handler(async (event: unknown, context: Context): Promise<APIGatewayProxyStructuredResultV2> => {
      const call = callOf(event, context);
      return answerOrFail(call, (open, current) => open.answer(toRequest(event, environment), current));
    });
}

function callOf(event: unknown, context: Context): Call {
  const remaining = context.getRemainingTimeInMillis?.() ?? 30_000;
  const gatewayId = isHttpEvent(event) ? event.requestContext.requestId : undefined;
  const requestId = context.awsRequestId ?? gatewayId ?? newRequestId();
  const isSigned = headersOf(event).has("x-twilio-signature");
  const most = isSigned ? LONGEST_SIGNED_CALL_MS : Number.POSITIVE_INFINITY;
  return new Call(requestId, Date.now() + scaled(Math.min(remaining - TIME_TO_ANSWER_MS, most)));
}

/** HTTP APIs and Function URLs send this; a REST API, a schedule or the console's test button do not. */
function isHttpEvent(event: unknown): event is APIGatewayProxyEventV2 {
  if (typeof event !== "object" || event === null) return false;
  const { version, requestContext } = event as { version?: unknown; requestContext?: { http?: unknown } };
  return version === "2.0" && typeof requestContext?.http === "object";
}

/**
 * Turns an HTTP event into a request. Pure.
 * @throws {InvalidInput} for an event of another kind, or a body that cannot be read.
 */
export function toRequest(event: unknown, environment: Environment): Request {
  if (!isHttpEvent(event)) {
    throw new InvalidInput(
      "This function answers HTTP API (payload format 2.0) and Function URL events only.",
      {
        code: "unsupported_event",
      },
    );
  }
  const headers = headersOf(event);
  const publicBaseUrl = publicBaseUrlOf(event, environment);
  const type = mediaType(headers.get("content-type"));
  const raw = { query: event.rawQueryString ?? "", body: bodyOf(event), type };
  return {
    method: event.requestContext.http.method.toUpperCase(),
    headers,
    ...readFields(raw),
    url: `${publicBaseUrl ?? `https://${event.requestContext.domainName}`}${ownPath(event)}`,
    raw,
    publicBaseUrl,
  };
}

/** None for an event of another kind. */
function headersOf(event: unknown): Map<string, string> {
  const headers = new Map<string, string>();
  for (const [name, value] of Object.entries((isHttpEvent(event) && event.headers) || {})) {
    if (typeof value === "string") headers.set(name.toLowerCase(), value);
  }
  return headers;
}

function bodyOf(event: APIGatewayProxyEventV2): string {
  const body = event.body ?? "";
  const text = event.isBase64Encoded ? Buffer.from(body, "base64").toString("utf8") : body;
  if (text.length > LARGEST_BODY_CHARACTERS) {
    throw new HandlerError(413, "body_too_large", `The body is over ${LARGEST_BODY_CHARACTERS} characters.`);
  }
  return text;
}

/**
 * Where the deployment lives. The route's own path is cut off the called one, and what is left before it is the
 * stage or the base path of a custom domain. A Function URL has no routes, and no siblings below its address either.
 */
function publicBaseUrlOf(event: APIGatewayProxyEventV2, environment: Environment): string | undefined {
  const configured = environment.PUBLIC_BASE_URL;
  if (typeof configured === "string" && configured !== "") return configured.replace(/\/+$/, "");
  if (event.routeKey === "$default") return undefined;
  const prefix = event.rawPath.slice(0, event.rawPath.length - ownPath(event).length);
  return `https://${event.requestContext.domainName}${prefix}`;
}

/** The path of the route that matched, or the whole path where there are no routes (a Function URL). */
function ownPath(event: APIGatewayProxyEventV2): string {
  const route = event.routeKey?.split(" ")[1];
  return route !== undefined && event.rawPath.endsWith(route) ? route : event.rawPath;
}

function toResult(response: Response): APIGatewayProxyStructuredResultV2 {
  const { body } = response;
  return {
    statusCode: response.status,
    headers: { ...response.headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
    isBase64Encoded: false,
  };
}
