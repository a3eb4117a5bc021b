import type { Channel } from "../domain/channels.ts";
import type { Receipt } from "../domain/model.ts";
import type { Resources } from "../domain/resources.ts";
import type { FlowState } from "./definition.ts";
import type { Answer, Request } from "./http.ts";
import type { Execution, Frame, Json, JsonObject, StudioState } from "./model.ts";

/** The type of a property, as checked by FlowValidate. A list is an enumeration. */
export type PropertyKind =
  | "text"
  | "integer"
  | "boolean"
  | "object"
  | "list"
  | "parameters"
  | "flow sid"
  | readonly string[];

/** The schema of a widget in a definition. */
export interface WidgetShape {
  readonly properties: Readonly<Record<string, PropertyKind>>;
  readonly required: readonly string[];
  /** The events of its transitions. */
  readonly events: readonly string[];
}

/** The outcome of a widget: it ends with an event, or waits. `result` becomes `widgets.NAME`. */
export type Outcome =
  | { readonly event: string; readonly result?: JsonObject; readonly branch?: number }
  | { readonly waitMs: number | undefined; readonly result?: JsonObject }
  /** Another flow runs first. */
  | { readonly subflow: Pick<Frame, "flowSid" | "revision" | "trigger" | "data"> }
  /** The execution ends; the reason is for the author. */
  | { readonly problem: string };

/** A message for a waiting step. */
export interface Incoming {
  /** The parameters of its webhook. */
  readonly fields: JsonObject;
  /** Whether it came through a conversation. */
  readonly isConversation: boolean;
}

/** The visit of a state by an execution, and the functions that its widget can use. */
export interface Visit {
  readonly execution: Execution;
  readonly frame: Frame;
  readonly state: FlowState;
  readonly resources: Resources;
  readonly studio: StudioState;
  /** The result of the widget's previous run. */
  readonly previous: JsonObject | undefined;
  /** A text property with its variables filled in, empty if missing. */
  text(property: string): string;
  /** Text with its variables filled in. */
  fill(text: string): string;
  /** Sends a signed request of the widget. Never rejects. */
  request(request: Request): Promise<Answer>;
  /** Sends a message from a number to a phone. */
  sendText(message: TextMessage): SentText;
  /** Reports a problem to the author, in timeline and log. */
  note(message: string): void;
}

/** A message by number. */
export interface TextMessage {
  readonly channel: Channel;
  readonly from: string;
  readonly to: string;
  readonly body: string;
  readonly media: readonly string[];
}

/** The result of sending it. */
export interface SentText {
  readonly sid: string;
  readonly status: string;
  readonly errorCode: number;
}

/** A type of widget. */
export interface Widget extends WidgetShape {
  /** Runs when the execution arrives. */
  enter(visit: Visit): Outcome | Promise<Outcome>;
  /** Called for a message while it waits. If undefined, messages are ignored. */
  message?(visit: Visit, incoming: Incoming): Outcome | Promise<Outcome>;
  /** Called while it waits, when its message has reached none of its recipients. */
  undelivered?(visit: Visit, receipt: Receipt): Outcome;
  /** Called at its timeout while it waits. */
  timeOut?(visit: Visit): Outcome;
}

/** Entries of a `parameters` property, in order, with their variables filled in. */
export function parametersOf(
  visit: Visit,
  property = "parameters",
): readonly (readonly [key: string, value: string])[] {
  const entries = (visit.state.properties[property] ?? []) as readonly { key: string; value: string }[];
  return entries.map(({ key, value }) => [key, visit.fill(value)] as const);
}

/** Parses JSON; undefined if it is invalid. */
export function parseJson(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

/** Whether it is a JSON object. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
