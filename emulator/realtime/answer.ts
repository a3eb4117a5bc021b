import { objectEntries } from "../domain/content.ts";
import { findConversation } from "../domain/conversations.ts";
import { sdkOf } from "../domain/reachability.ts";
import { requestRules } from "../domain/rules/request.ts";
import { Params } from "../http/params.ts";
import type { Answer, SdkCall } from "./call.ts";
import { type Packet, readObject } from "./packet.ts";
import { sdkRouter } from "./routes.ts";

/** Answers a request of an SDK. Rejects with an `ApiError` for the SDK. */
export async function answerRequest(
  call: Pick<SdkCall, "service" | "user" | "connection" | "realtime">,
  packet: Packet,
  request: ReadonlyMap<string, unknown>,
): Promise<Answer> {
  const { service, user, connection, realtime } = call;
  const { resources } = realtime;
  const [method, path] = [request.get("method"), request.get("path")];
  if (typeof method !== "string" || typeof path !== "string")
    throw requestRules.invalidParameter("http_request");
  const match = sdkRouter.match(method, path);
  if (match.found === "path") throw requestRules.methodNotAllowed();
  if (match.found === "nothing" || resources.services.get(service.sid) !== service)
    throw requestRules.notFound(path);
  if (service.users.get(user.sid) !== user) throw requestRules.notFound(`/Users/${user.sid}`);
  const { handler, limitedBy } = match.handler;
  const limiter = realtime.options.limiter();
  if (limiter !== undefined) {
    const now = resources.clock.now();
    realtime.limits.checkRequest(connection.id, now);
    const name = match.params.get("Conversation") ?? "";
    const limited = limitedBy === "service" ? service.sid : (findConversation(service, name)?.sid ?? name);
    if (limitedBy !== undefined && !limiter.take(limited, now)) throw requestRules.tooManyRequests();
  }
  const isForm = String(packet.header.get("payload_type")).startsWith("application/x-www-form-urlencoded");
  const complete: SdkCall = {
    ...call,
    resources,
    path,
    params: match.params,
    query: Params.parse(queryOf(request.get("params"))),
    body: readBody(isForm ? Buffer.alloc(0) : packet.payload),
    form: Params.parse(isForm ? packet.payload.toString("utf8") : ""),
    origin: sdkOf(user.identity),
  };
  const mutation = method === "GET" ? undefined : mutationId(request);
  if (mutation === undefined) return handler(complete);
  return realtime.mutations.once(`${user.sid} ${mutation}`, async () => handler(complete));
}

function mutationId(request: ReadonlyMap<string, unknown>): string | undefined {
  const headers = [...(objectEntries(request.get("headers")) ?? [])];
  const id = headers.find(([name]) => name.toLowerCase() === "x-twilio-mutation-id")?.[1];
  return typeof id === "string" ? id : undefined;
}

/** The query as text: values are already percent-encoded, and several of one name are a list. */
function queryOf(params: unknown): string {
  if (typeof params !== "object" || params === null) return "";
  return Object.entries(params)
    .flatMap(([name, value]) => [value].flat().map((one) => `${encodeURIComponent(name)}=${one}`))
    .join("&");
}

function readBody(payload: Buffer): ReadonlyMap<string, unknown> {
  if (payload.length === 0) return new Map();
  const fields = readObject(payload);
  if (fields === undefined) throw requestRules.invalidParameter("body");
  return fields;
}
