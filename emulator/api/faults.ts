import { findConversation } from "../domain/conversations.ts";
import { ApiError } from "../domain/errors.ts";
import type { Resources } from "../domain/resources.ts";
import type { Fault, FaultOf, RequestEffect } from "../faults/fault.ts";
import type { Subject } from "../faults/subject.ts";
import type { Host } from "../http/host.ts";
import { Params } from "../http/params.ts";
import { errorResponse, type HttpResponse } from "../http/response.ts";
import type { HttpRequest } from "../http/server.ts";
import type { Runtime } from "../runtime.ts";
import { answerApi } from "./answer.ts";
import { type FoundOperation, findOperation, readForm } from "./dispatch.ts";
import { allOperations, type Operation, operationName } from "./operations.ts";

/** Answers a request to Twilio's APIs with the faults injected; "cut" if the connection is to be closed. */
export async function answerWithFaults(
  runtime: Runtime,
  request: HttpRequest,
  host: Host,
): Promise<HttpResponse | "cut"> {
  const { faults } = runtime;
  const about = { method: request.method, url: request.url };
  const fault = faults.has("request")
    ? faults.inject(isForRequests, subjectOf(runtime.resources, request, host), about)
    : undefined;
  if (fault === undefined) return answerApi(runtime, request, host);
  const { id, effect } = fault;
  const answered = effect.when === "after" ? await answerApi(runtime, request, host) : undefined;
  switch (effect.name) {
    case "drop":
      return "cut";
    case "hang":
      await pause(runtime, id, undefined, () => undefined);
      return "cut";
    case "delay":
      return (
        (await pause(runtime, id, effect.ms, () => answered ?? answerApi(runtime, request, host))) ?? "cut"
      );
    case "fail":
      return fail(runtime, request, host, effect, answered);
  }
}

/**
 * Waits until a fault is removed or `ms` have passed, by the clock or in real time, and calls `next`; undefined if the
 * run ends before. `settle` does not wait for it.
 */
function pause<Next>(
  { faults, clock, inFlight }: Runtime,
  id: string,
  ms: number | undefined,
  next: () => Next | Promise<Next>,
): Promise<Next | undefined> {
  return new Promise((resolve, reject) => {
    // From here on `settle` waits for `next`.
    const go = () => void inFlight.track((async () => next())()).then(resolve, reject);
    const release = faults.hold(id, go, () => resolve(undefined));
    if (ms !== undefined) clock.deadline(ms, release);
  });
}

/** Twilio's error, with the headers of a real response. */
async function fail(
  runtime: Runtime,
  request: HttpRequest,
  host: Host,
  { status, code, message, retryAfter }: Extract<RequestEffect, { readonly name: "fail" }>,
  answered: HttpResponse | undefined,
): Promise<HttpResponse> {
  const error = new ApiError(status, code, message);
  const reply = errorResponse(error);
  const { headers } = answered ?? (await answerApi(runtime, request, host, () => Promise.reject(error)));
  const asked = retryAfter === undefined ? {} : { "Retry-After": String(retryAfter) };
  return { ...reply, headers: { ...headers, ...reply.headers, ...asked } };
}

const isForRequests = (fault: Fault): fault is FaultOf<"request", RequestEffect> => fault.on === "request";

/** The values that faults for requests are matched against. */
function subjectOf(resources: Resources, request: HttpRequest, host: Host): Subject {
  const { method, url } = request;
  const [path = "/"] = url.split("?", 1);
  const found = findOperation(method, path, host);
  const parameters = new Map([
    ...Params.parse(url.slice(path.length + 1)).entries(),
    ...readForm(request).entries(),
  ]);
  const operation = found instanceof ApiError ? [] : (namesOf.get(found.operation) ?? []);
  const conversation = found instanceof ApiError ? [] : [conversationSidOf(resources, found)];
  const address = [...parameters.values()].flat();
  return { values: { operation, method: [method], path: [path], conversation, address }, parameters };
}

/** The SID of the conversation that a path names, by SID or unique name. */
function conversationSidOf(resources: Resources, { operation, params }: FoundOperation): string | undefined {
  const own = operation.path.endsWith("/Conversations/{Sid}") ? params.get("Sid") : undefined;
  const name = params.get("ConversationSid") ?? own;
  const service = resources.services.get(params.get("ChatServiceSid") ?? resources.defaultService.sid);
  if (name === undefined || service === undefined) return undefined;
  return findConversation(service, name)?.sid ?? name;
}

/** The names of an operation in faults; one within a service also has the name without the service. */
const namesOf: ReadonlyMap<Operation, readonly string[]> = new Map(
  allOperations.map((operation) => {
    const path = operation.path.replace("/Services/{ChatServiceSid}/", "/");
    const twin = allOperations.find(
      (other) =>
        other.path === path && other.method === operation.method && other.handler === operation.handler,
    );
    return [operation, [...new Set([operation, twin ?? operation])].map(operationName)];
  }),
);
