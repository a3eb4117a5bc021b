import type { IncomingHttpHeaders } from "node:http";
import { parseIsoDate } from "../dates.ts";
import type { ChannelMessage, Service } from "../domain/account-model.ts";
import { findConversation } from "../domain/conversations.ts";
import type { ApiError } from "../domain/errors.ts";
import type { Conversation, Message, Origin } from "../domain/model.ts";
import type { OutboundInput } from "../domain/outbound-messages.ts";
import type { Resources } from "../domain/resources.ts";
import { requestRules } from "../domain/rules/request.ts";
import type { Host } from "../http/host.ts";
import type { Params } from "../http/params.ts";
import type { HttpResponse } from "../http/response.ts";
import type { Sid } from "../sid.ts";
import type { Studio } from "../studio/studio.ts";

/** A failed webhook, with the fields that alerts show. */
export interface FailedWebhook {
  readonly id: number;
  readonly at: string;
  readonly conversationSid: Sid<"CH"> | undefined;
  readonly request: { readonly method: string; readonly url: string; readonly body: string };
  readonly response: { readonly body: string } | null;
  readonly error: { readonly code: number; readonly message: string } | null;
}

/** What operations use of the emulator besides the account's state. */
export interface Services {
  /** Sends a message of Programmable Messaging. */
  sendMessage(input: OutboundInput): ChannelMessage;
  /** The failed webhooks, oldest first. */
  failedWebhooks(): readonly FailedWebhook[];
}

/** One authenticated REST request to a known operation. */
export interface Call extends Services {
  readonly resources: Resources;
  readonly studio: Studio;
  /** The service that the path names, or the default one. */
  readonly service: Service;
  /** Whether the path names the service: then responses contain `chat_service_sid` and URLs of the service. */
  readonly scoped: boolean;
  /** The beginning of URLs of this path family: "https://conversations.twilio.com/v1[/Services/IS…]". */
  readonly base: string;
  /** The path without version and query, as in the message of 20404. */
  readonly path: string;
  readonly params: ReadonlyMap<string, string>;
  readonly query: Params;
  readonly form: Params;
  /** The body as text, for operations that take JSON. */
  readonly body: string;
  /** The body as bytes, for operations that take files. */
  readonly bytes: Buffer;
  readonly headers: IncomingHttpHeaders;
  /** The origin of the request URL: "https://mcs.us1.twilio.com". */
  readonly host: Host;
  /** REST writes call webhooks only when the request has the header for it. */
  readonly origin: Origin;
}

/** Answers a call, or throws an {@link ApiError}. */
export type Handler = (call: Call) => HttpResponse | Promise<HttpResponse>;

/** 404 with 20404 for a resource that does not exist. */
export function notFound(call: Call): ApiError {
  return requestRules.notFound(call.path);
}

/** A path parameter. */
export function param(call: Call, name: string): string {
  return call.params.get(name) ?? "";
}

/** The conversation that the path names, by SID or unique name, or 404. */
export function conversationOf(call: Call, name = "ConversationSid"): Conversation {
  const conversation = findConversation(call.service, param(call, name));
  if (conversation === undefined) throw notFound(call);
  return conversation;
}

/** The message that the path names, or 404. */
export function messageOf(call: Call, name: string): Message {
  const message = conversationOf(call).messages.get(param(call, name));
  if (message === undefined) throw notFound(call);
  return message;
}

/** The caller's `DateCreated` and `DateUpdated`, in milliseconds since the epoch. */
export function datesOf(call: Call): { dateCreated: number | undefined; dateUpdated: number | undefined } {
  return {
    dateCreated: readDate(call, "DateCreated", requestRules.invalidDateCreated),
    dateUpdated: readDate(call, "DateUpdated", requestRules.invalidDateUpdated),
  };
}

/** A date parameter in ISO 8601, or `refusal` for any other value. */
export function readDate(call: Call, name: string, refusal: () => ApiError): number | undefined {
  const text = call.form.get(name);
  if (text === undefined || text === "") return undefined;
  const date = parseIsoDate(text);
  if (date === undefined) throw refusal();
  return date;
}

/** `chat_service_sid` for responses of the service-scoped path family, otherwise empty. */
export function scope(call: Call): { chat_service_sid?: string } {
  return call.scoped ? { chat_service_sid: call.service.sid } : {};
}
