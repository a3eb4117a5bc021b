import type { Handler } from "../../core/handler.ts";
import * as lambda from "../../core/platforms/lambda.ts";

/** An HTTP API's event for `POST /token`. */
export const event = (parts: Record<string, unknown> = {}, http: Record<string, unknown> = {}) => ({
  version: "2.0",
  routeKey: "POST /token",
  rawPath: "/token",
  rawQueryString: "",
  headers: {},
  requestContext: {
    http: { method: "POST", path: "/token", ...http },
    domainName: "api.example.com",
    requestId: "g1",
  },
  isBase64Encoded: false,
  ...parts,
});

/** The adapter of a handler, without its log. */
export const lambdaHandler = (handler: Handler, name: string, environment: Record<string, string>) =>
  lambda.lambdaHandler(handler, name, environment, () => undefined);

/** Of an invocation with ten seconds left. */
export const context = { awsRequestId: "r1", getRemainingTimeInMillis: () => 10_000 };

export const invoke = (handler: ReturnType<typeof lambdaHandler>, input: unknown) =>
  handler(input as never, context as never);
