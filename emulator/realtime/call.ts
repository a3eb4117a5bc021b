import type { Service } from "../domain/account-model.ts";
import { findConversation } from "../domain/conversations.ts";
import { maySee } from "../domain/grants.ts";
import type { Conversation, Origin, User } from "../domain/model.ts";
import { permissionRules } from "../domain/rules/permission.ts";
import { requestRules } from "../domain/rules/request.ts";
import type { World } from "../domain/world.ts";
import type { Params } from "../http/params.ts";
import type { Peer, Realtime } from "./realtime.ts";

/** One request of a signed-in SDK. */
export interface SdkCall {
  readonly realtime: Realtime;
  readonly world: World;
  readonly service: Service;
  readonly user: User;
  readonly peer: Peer;
  readonly path: string;
  readonly params: ReadonlyMap<string, string>;
  readonly query: Params;
  /** The fields of a body in JSON. */
  readonly body: ReadonlyMap<string, unknown>;
  /** The fields of a body that is a form. */
  readonly form: Params;
  readonly origin: Origin;
}

/** An answer to an SDK. */
export interface Answer {
  readonly status: number;
  readonly body?: unknown;
  /** What is to happen right after the answer is on its way. */
  readonly follow?: () => void;
}

/** Answers a call, or throws the `ApiError` to answer it with. */
export type SdkHandler = (call: SdkCall) => Answer | Promise<Answer>;

/** Where the URLs of the endpoints begin. Their hosts are names alone: everything comes by the one socket. */
export const aim = "https://aim.us1.twilio.com/Client/v2";
export const cds = "https://cds.us1.twilio.com/v3";

/** A path parameter. */
export function param({ params }: SdkCall, name: string): string {
  return params.get(name) ?? "";
}

/** The conversation that the path names by SID or unique name, for those who may see it. */
export function conversationOf(call: SdkCall): Conversation {
  const conversation = findConversation(call.service, param(call, "Conversation"));
  if (conversation === undefined) throw requestRules.notFound(call.path);
  if (!maySee(call.user, conversation)) throw permissionRules.notMember();
  return conversation;
}

/** A text of the body; undefined where it is not mentioned, empty where it is taken away. */
export function textOf({ body }: SdkCall, name: string): string | undefined {
  const value = body.get(name);
  if (value === undefined) return undefined;
  if (value === null) return "";
  if (typeof value !== "string") throw requestRules.invalidParameter(name);
  return value;
}
