import { isoMillis } from "../dates.ts";
import { ApiError, NotEmulatedError } from "../domain/errors.ts";
import type { Host } from "../http/host.ts";
import { errorResponse, type HttpResponse, internalError } from "../http/response.ts";
import type { HttpRequest } from "../http/server.ts";
import type { Runtime } from "../runtime.ts";
import { dispatch, ignoredBody } from "./dispatch.ts";

/** Answers a request to Twilio's APIs with Twilio's headers, and adds it to the timeline. Never rejects. */
export async function answerApi(
  runtime: Runtime,
  request: HttpRequest,
  host: Host,
  answer: typeof dispatch = dispatch,
): Promise<HttpResponse> {
  const { clock, timeline, requestIds } = runtime;
  const at = isoMillis(clock.now());
  const begun = clock.elapsed();
  const end = runtime.inFlight.begin();
  const requestId = `RQ${requestIds.hex()}`;
  let errorCode: number | undefined;
  try {
    const reply = await answer(runtime, request, host).catch((error: unknown) => {
      const refusal = explain(runtime, request, error);
      errorCode = refusal.code;
      return errorResponse(refusal);
    });
    const durationMs = clock.elapsed() - begun;
    const { method, url } = request;
    const ignored = ignoredBody(request, host);
    if (ignored !== undefined)
      runtime.log(
        `${method} ${url}: the body is ${ignored}, not a form, and was ignored; Twilio takes forms here`,
      );
    timeline.add({
      at,
      kind: "request",
      method,
      url,
      status: reply.status,
      errorCode,
      requestId,
      durationMs,
      ...(ignored === undefined ? {} : { ignoredBody: ignored }),
    });
    return { ...reply, headers: { ...twilioHeaders(requestId, durationMs), ...reply.headers } };
  } finally {
    end();
  }
}

function explain({ log }: Runtime, { method, url }: HttpRequest, error: unknown): ApiError {
  if (error instanceof NotEmulatedError) log(error.message);
  if (error instanceof ApiError) return error;
  log(`defect: ${method} ${url}: ${error instanceof Error ? error.stack : error}`);
  return internalError;
}

/** Headers observed on Twilio's responses, and its permissive CORS headers. */
function twilioHeaders(requestId: string, durationMs: number): Readonly<Record<string, string>> {
  return {
    "Twilio-Request-Id": requestId,
    "Twilio-Request-Duration": (durationMs / 1000).toFixed(3),
    "Twilio-Concurrent-Requests": "1",
    "X-Home-Region": "us1",
    "X-Shenanigans": "none",
    "Strict-Transport-Security": "max-age=31536000",
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Credentials": "true",
    "Access-Control-Allow-Methods": "GET, POST, PUT, DELETE, OPTIONS",
    "Access-Control-Allow-Headers":
      "Accept, Authorization, Content-Type, If-Match, If-Modified-Since, If-None-Match, If-Unmodified-Since, " +
      "Idempotency-Key, X-Twilio-Token, X-Twilio-Webhook-Enabled",
    "Access-Control-Expose-Headers": "ETag, Twilio-Request-Id",
  };
}
