/* The control API as the console reads it (docs/control-api.md). */

/** The parts of the emulator that change, as the stream names them. */
export type Part = "account" | "clock" | "conversations" | "phones" | "sessions" | "studio" | "webhooks";

export interface Clock {
  readonly mode: "real" | "manual";
  readonly now: string;
}

export interface Info {
  readonly url: string;
  readonly accountSid: string;
  readonly authToken: string;
  readonly apiKeySid: string;
  readonly apiKeySecret: string;
  readonly chatServiceSid: string;
  readonly smsNumber: string;
  readonly whatsappNumber: string;
  /** The URL of the chat page, if the emulator has one. */
  readonly chatPage?: string;
}

/** A connection of a chat user's SDK. */
export interface Session {
  readonly identity: string;
  readonly serviceSid: string;
  readonly since: string;
  readonly tokenExpires: string;
  readonly sdkVersion: string;
  readonly support: string;
  readonly platform: string;
}

/** A push notification to a device of a chat user. */
export interface Push {
  readonly at: string;
  readonly messageType: string;
  readonly identity: string;
  readonly bindingType: string;
  readonly status: string;
  readonly payload: object;
}

export interface OwnNumber {
  readonly address: string;
  readonly channel: string;
}

/** A phone in the list. */
export interface Phone {
  readonly address: string;
  readonly state: string;
  /** The number of messages that are delivered when it is on again. */
  readonly waiting: number;
}

export interface PhoneMessage {
  readonly sid: string;
  readonly direction: "in" | "out";
  readonly from: string;
  readonly to: string;
  /** The other numbers of a group text. */
  readonly recipients: readonly string[];
  readonly body: string;
  readonly media: readonly string[];
  readonly buttons: readonly string[];
  /** Buttons that open a URL. */
  readonly links: readonly { readonly title: string; readonly url: string }[];
  readonly location: { readonly latitude: number; readonly longitude: number } | null;
  readonly at: string;
  readonly status: string;
  readonly conversationSid: string | null;
}

export interface Participant {
  readonly sid: string;
  readonly identity: string | null;
  readonly type: string;
  readonly address: string | null;
  readonly proxyAddress: string | null;
  readonly projectedAddress: string | null;
  /** A JSON object as text. */
  readonly attributes: string;
  readonly lastReadMessageIndex: number | null;
}

export interface Message {
  readonly sid: string;
  readonly index: number;
  readonly author: string;
  readonly body: string | null;
  readonly media: readonly {
    readonly sid: string;
    readonly filename: string | null;
    readonly contentType: string;
  }[];
  readonly contentSid: string | null;
  readonly dateCreated: string;
}

export interface Receipt {
  readonly sid: string;
  readonly participantSid: string;
  readonly address: string | null;
  readonly status: string;
  readonly errorCode: number;
}

export interface Conversation {
  readonly sid: string;
  readonly friendlyName: string | null;
  readonly uniqueName: string | null;
  readonly state: string;
  readonly timers: { readonly dateInactive: string | null; readonly dateClosed: string | null };
  readonly participants: readonly Participant[];
  readonly messageCount: number;
  readonly lastMessage: Message | null;
}

export interface ScopedWebhook {
  readonly sid: string;
  readonly target: string;
  readonly url?: string;
  readonly filters?: readonly string[];
  readonly triggers?: readonly string[];
  readonly flowSid?: string;
}

/** A run of a Studio flow. */
export interface Execution {
  readonly sid: string;
  readonly flowSid: string;
  readonly status: string;
  /** Why it failed. */
  readonly problem: string | null;
  /** The current state, and until when it waits there. */
  readonly at: string | null;
  readonly waitsUntil: string | null;
  readonly dateCreated: string;
}

export interface FlowStep {
  readonly sid: string;
  readonly event: string;
  readonly from: string;
  readonly to: string;
  readonly parentStepSid: string | null;
  readonly context: unknown;
  readonly at: string;
}

export interface FlowExecution extends Execution {
  readonly contact: string;
  readonly steps: readonly FlowStep[];
}

export interface FlowDetail {
  readonly friendlyName: string;
  /** The newest first. */
  readonly executions: readonly FlowExecution[];
}

export interface ConversationDetail extends Conversation {
  readonly attributes: string;
  readonly executions: readonly (Execution & { readonly flowName: string })[];
  readonly webhooks: readonly ScopedWebhook[];
  readonly messages: readonly (Message & { readonly receipts: readonly Receipt[] })[];
}

export interface WebhookAttempt {
  /** The id by which it can be redelivered. */
  readonly id: number;
  readonly retryCount: number;
  readonly redeliveryOf: number | null;
  readonly at: string;
  readonly event: string;
  readonly scope: string;
  readonly request: {
    readonly method: string;
    readonly url: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
  };
  readonly response: { readonly status: number; readonly body: string } | null;
  readonly error: { readonly code: number; readonly message: string } | null;
  readonly durationMs: number;
}

/** An error of the control API; its message is for the user. */
export class ApiError extends Error {}

/** Reads from the control API. Throws a {@link ApiError}, or a `TypeError` when the emulator cannot be reached. */
export function read<Answer>(path: string): Promise<Answer> {
  return send(path, { method: "GET" });
}

/** Sends a POST request to the control API. Throws as {@link read} does. */
export function post<Answer>(path: string, body: object = {}): Promise<Answer> {
  return send(path, { method: "POST", body: JSON.stringify(body) });
}

async function send<Answer>(path: string, init: RequestInit): Promise<Answer> {
  const response = await fetch(`/_emulator${path}`, init);
  const answer = await response.json();
  if (!response.ok)
    throw new ApiError(
      answer.error ?? answer.message ?? `The emulator answered with the status ${response.status}`,
    );
  return answer;
}

/** Makes a request to the REST API with the account's credentials. Throws as {@link read} does. */
export async function postForm<Answer>(
  { accountSid, authToken }: Info,
  path: string,
  fields: Readonly<Record<string, string>>,
): Promise<Answer> {
  const headers = { Authorization: `Basic ${btoa(`${accountSid}:${authToken}`)}` };
  const response = await fetch(path, { method: "POST", headers, body: new URLSearchParams(fields) });
  const answer = await response.json();
  if (!response.ok) throw new ApiError(answer.message);
  return answer;
}

/** An error as a line for the user. */
export function reasonOf(error: unknown): string {
  return error instanceof ApiError ? error.message : "The emulator cannot be reached.";
}
