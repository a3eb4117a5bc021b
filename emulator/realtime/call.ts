import type { Service } from "../domain/account-model.ts";
import { findConversation } from "../domain/conversations.ts";
import { maySee } from "../domain/grants.ts";
import type { Conversation, Origin, User } from "../domain/model.ts";
import type { Resources } from "../domain/resources.ts";
import { permissionRules } from "../domain/rules/permission.ts";
import { requestRules } from "../domain/rules/request.ts";
import type { Params } from "../http/params.ts";
import type { Realtime, SdkConnection } from "./realtime.ts";

/** One request of a signed-in SDK. */
export interface SdkCall {
  readonly realtime: Realtime;
  readonly resources: Resources;
  readonly service: Service;
  readonly user: User;
  readonly connection: SdkConnection;
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
  /** Called right after the answer is sent. */
  readonly follow?: () => void;
}

/** Answers a call. Throws an `ApiError` for the SDK. */
export type SdkHandler = (call: SdkCall) => Answer | Promise<Answer>;

/** Base URL of the endpoints. The host is never contacted: all requests are sent on the socket. */
export const aim = "https://aim.us1.twilio.com/Client/v2";

/** A path parameter. */
export function param({ params }: SdkCall, name: string): string {
  return params.get(name) ?? "";
}

/** The conversation that the path names by SID or unique name. Throws when the user may not see it. */
export function conversationOf(call: SdkCall): Conversation {
  const conversation = findConversation(call.service, param(call, "Conversation"));
  if (conversation === undefined) throw requestRules.notFound(call.path);
  if (!maySee(call.user, conversation)) throw permissionRules.notMember();
  return conversation;
}

/** A text field of the body: undefined when it is omitted, empty when it is null. */
export function textOf({ body }: SdkCall, name: string): string | undefined {
  const value = body.get(name);
  if (value === undefined) return undefined;
  if (value === null) return "";
  if (typeof value !== "string") throw requestRules.invalidParameter(name);
  return value;
}
