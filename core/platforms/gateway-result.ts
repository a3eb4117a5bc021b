import type { ALBResult, APIGatewayProxyStructuredResultV2 } from "aws-lambda";
import type { Response } from "../request.ts";
import type { GatewayCall } from "./gateway-event.ts";

/** A response for every gateway; a load balancer with multi-value headers accepts only those. */
export type LambdaResult = APIGatewayProxyStructuredResultV2 | ALBResult;

/** Turns a response into the result for the gateway that called. Pure. */
export function toResult(gateway: GatewayCall | undefined, response: Response): LambdaResult {
  const { status, headers } = response;
  const body = typeof response.body === "string" ? response.body : JSON.stringify(response.body);
  const answer = { statusCode: status, body, isBase64Encoded: false };
  if (!gateway?.wantsLists) return { ...answer, headers: { ...headers } };
  const multiValueHeaders = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, [value]]),
  );
  return { ...answer, multiValueHeaders };
}
