import middy from "@middy/core";
import type { Context } from "aws-lambda";
import { Call, LONGEST_SIGNED_CALL_MS, newRequestId } from "../call.ts";
import type { Environment } from "../environment.ts";
import { HandlerError, InvalidInput, UpstreamFailed } from "../errors.ts";
import { answerUnopened, type Handler, type OpenHandler } from "../handler.ts";
import type { LogSink } from "../log.ts";
import { mediaType, type Request, type Response, readFields } from "../request.ts";
import { scaled } from "../time-scale.ts";
import { type GatewayCall, readGatewayEvent } from "./gateway-event.ts";
import { type LambdaResult, toResult } from "./gateway-result.ts";
import { opener, standardOutput, TIME_TO_ANSWER_MS, withCurrentSecrets } from "./opener.ts";

/** API Gateway accepts bodies of up to 10 MB; no endpoint needs nearly as much. */
const LARGEST_BODY_CHARACTERS = 1_000_000;

/**
 * Runs a handler behind an HTTP API, a REST API, a Function URL or a load balancer, under middy.
 *
 * @returns the function's `handler` export.
 */
export function lambdaHandler(
  handler: Handler,
  name: string,
  environment: Environment = process.env,
  sink: LogSink = standardOutput,
) {
  // Read once: each read of `process.env` is a call to the system.
  const { PUBLIC_BASE_URL } = environment;
  const handlers = opener((settings) => handler.open(settings, sink, name), name, environment, sink);
  const answerOrFail = async (
    gateway: GatewayCall | undefined,
    call: Call,
    use: (handler: OpenHandler, call: Call) => Response | Promise<Response>,
  ) => {
    const failure = await handlers.open().then(
      () => undefined,
      (error: unknown) => answerUnopened(error, call, sink, name),
    );
    return toResult(gateway, failure ?? (await withCurrentSecrets(handlers, call, use)));
  };
  return middy({
    timeoutEarlyInMillis: TIME_TO_ANSWER_MS / 2,
    timeoutEarlyResponse: () => {
      throw new UpstreamFailed("This call took longer than the function may run.", { timeout: true });
    },
  })
    .onError(async (request) => {
      const { event, context, error } = request as { event: unknown; context: Context; error: unknown };
      const gateway = readGatewayEvent(event);
      const call = callOf(gateway, context);
      request.response = await answerOrFail(gateway, call, (open) =>
        open.fail(error, call, gateway?.headers.get("origin")),
      );
    })
    .handler(async (event: unknown, context: Context): Promise<LambdaResult> => {
      const gateway = readGatewayEvent(event);
      return answerOrFail(gateway, callOf(gateway, context), (open, current) =>
        open.answer(toRequest(gateway, { PUBLIC_BASE_URL }), current),
      );
    });
}

function callOf(gateway: GatewayCall | undefined, context: Context): Call {
  const remaining = context.getRemainingTimeInMillis?.() ?? 30_000;
  const requestId = context.awsRequestId ?? gateway?.requestId ?? newRequestId();
  const most = gateway?.headers.has("x-twilio-signature") ? LONGEST_SIGNED_CALL_MS : Number.POSITIVE_INFINITY;
  return new Call(requestId, Date.now() + scaled(Math.min(remaining - TIME_TO_ANSWER_MS, most)));
}

/**
 * Turns a gateway's event into a request. Pure.
 * @throws {InvalidInput} for an event of another kind, or a body that cannot be read.
 */
export function toRequest(call: GatewayCall | undefined, environment: Environment): Request {
  if (call === undefined) {
    throw new InvalidInput(
      "This function answers events of an HTTP API, a REST API, a Function URL or a load balancer only.",
      { code: "unsupported_event" },
    );
  }
  const { method, headers, query, host } = call;
  const publicBaseUrl = publicBaseUrlOf(call, environment);
  const raw = { query, body: bodyOf(call), type: mediaType(headers.get("content-type")) };
  const url = `${publicBaseUrl ?? `https://${host}`}${ownPath(call)}`;
  return { method, headers, ...readFields(raw), url, raw, publicBaseUrl };
}

function bodyOf({ body, isBase64Encoded }: GatewayCall): string {
  const text = isBase64Encoded ? Buffer.from(body, "base64").toString("utf8") : body;
  if (text.length > LARGEST_BODY_CHARACTERS) {
    throw new HandlerError(413, "body_too_large", `The body is over ${LARGEST_BODY_CHARACTERS} characters.`);
  }
  return text;
}

/**
 * The deployment's public address: `PUBLIC_BASE_URL`, or the called URL without the route's path, so that it includes the stage
 * or the base path of a custom domain. `undefined` for a Function URL, which has only one endpoint, and for a load balancer, whose host is sent by the
 * caller and must not decide where webhooks are sent.
 */
function publicBaseUrlOf(call: GatewayCall, environment: Environment): string | undefined {
  const configured = environment.PUBLIC_BASE_URL;
  if (typeof configured === "string" && configured !== "") return configured.replace(/\/+$/, "");
  if (call.route === undefined) return undefined;
  return `https://${call.host}${call.path.slice(0, call.path.length - ownPath(call).length)}`;
}

/** The path of the route that matched, or the whole path where there are no routes. */
const ownPath = ({ path, route }: GatewayCall): string =>
  route !== undefined && path.endsWith(route) ? route : path;
