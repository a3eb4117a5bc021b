import { largestFromPhone } from "../channels/limits.ts";
import { ApiError } from "../domain/errors.ts";
import { type Host, isLoopbackName } from "../http/host.ts";
import { errorResponse, type HttpResponse } from "../http/response.ts";
import type { HttpRequest } from "../http/server.ts";
import { InputError } from "../input.ts";
import type { Runtime } from "../runtime.ts";
import type { ControlCall } from "./call.ts";
import { ControlError, checkQuery } from "./input.ts";
import { controlRouter } from "./routes.ts";

/** Whether a request is for the control API or the console, not for a host of Twilio. */
export function isControlRequest({ url }: HttpRequest, host: Host): boolean {
  return host.product === undefined && /^\/((_emulator|console)(\/|\?|$)|(\?|$))/.test(url);
}

/** Whether a request will be rejected because of its head, so that its body need not be read. */
export function isForbidden(request: HttpRequest, host: Host): boolean {
  try {
    checkCaller(request, host);
    return false;
  } catch {
    return true;
  }
}

/** The maximum body length in bytes, for snapshots and for files of a phone in Base64; otherwise undefined. */
export function longestBody(url: string): number | undefined {
  if (url.startsWith("/_emulator/restore")) return 1024 * 1024 * 1024;
  return /^\/_emulator\/phones\/[^/]+\/messages/.test(url) ? largestFromPhone * 2 : undefined;
}

/** Answers a request to the control API. Errors are `{error, field?}`; those of Twilio's API keep Twilio's shape. */
export async function answerControl(
  runtime: Runtime,
  request: HttpRequest,
  host: Host,
  emulator: Pick<ControlCall, "info" | "reset" | "restore">,
): Promise<HttpResponse> {
  try {
    checkCaller(request, host);
    const [path = "/", query] = request.url.split("?", 2);
    const match = controlRouter.match(request.method, path);
    if (match.found === "nothing") throw new ControlError(404, `There is nothing at ${path}`);
    if (match.found === "path") throw new ControlError(405, `${path} takes ${match.allowed.join(" and ")}`);
    const { params, handler: route } = match;
    const { body } = request;
    const fields = new URLSearchParams(query);
    if (route.queryFields !== undefined) checkQuery(fields, route.queryFields);
    return await route.handler({
      runtime,
      params,
      query: fields,
      body,
      origin: host.origin,
      ...emulator,
    });
  } catch (error) {
    if (error instanceof ApiError) return errorResponse(error);
    if (error instanceof ControlError) return { status: error.status, body: { error: error.message } };
    if (error instanceof InputError) {
      const { message, field } = error;
      return { status: 400, body: field === "" ? { error: message } : { error: message, field } };
    }
    runtime.log(`${request.method} ${request.url}: ${error instanceof Error ? error.stack : error}`);
    return { status: 500, body: { error: "Internal error; the log has more" } };
  }
}

/**
 * The control API needs no credentials, so web pages must not reach it: neither by DNS rebinding nor from another
 * origin.
 */
function checkCaller({ headers }: HttpRequest, host: Host): void {
  if (!host.isLoopback) throw new ControlError(403, "The control API answers on loopback hosts only");
  const { origin } = headers;
  if (origin === undefined) return;
  const name = URL.canParse(origin) ? new URL(origin).hostname : "";
  if (!isLoopbackName(name))
    throw new ControlError(403, "The control API does not answer pages of other origins");
}
