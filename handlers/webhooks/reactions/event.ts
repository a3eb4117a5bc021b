import * as v from "valibot";
import { InvalidInput } from "../../../core/errors.ts";
import { COMMON, POST_ACTION, PRE_ACTION } from "./event-fields.ts";

const EVENTS = { ...POST_ACTION, ...PRE_ACTION };

/** The 23 events of Conversations: 13 post-action and 10 pre-action. */
export type EventType = keyof typeof EVENTS;

/** The post-action events. */
export type PostActionType = keyof typeof POST_ACTION;

type FieldsOf<Entries extends Record<string, v.GenericSchema<unknown, unknown>>> = {
  readonly [Field in keyof Entries]: v.InferOutput<Entries[Field]>;
};

/** An event of the given type, with Twilio's field names. */
export type EventOf<Type extends EventType> = {
  [Name in Type]: FieldsOf<Omit<typeof COMMON, "EventType">> &
    FieldsOf<(typeof EVENTS)[Name]> & { readonly EventType: Name };
}[Type];

/** Any event; `EventType` determines its type. */
export type Event = EventOf<EventType>;

/** Whether it is the name of an event. */
const isEventType = (name: unknown): name is EventType =>
  typeof name === "string" && Object.hasOwn(EVENTS, name);

/** Whether it is the name of a post-action event. */
export const isPostAction = (name: EventType): name is PostActionType => Object.hasOwn(POST_ACTION, name);

/**
 * Reads the parameters of a webhook (docs: Conversations webhooks, "Webhook Bodies by Event Type"). Fields that are
 * not in its tables are omitted: Twilio adds some.
 *
 * @returns the event, or `undefined` for one that is not in this table.
 * @throws {InvalidInput} naming a required field that is missing or invalid.
 */
export function readEvent(fields: Readonly<Record<string, unknown>>): Event | undefined {
  const type = fields.EventType;
  if (!isEventType(type)) return undefined;
  const read = v.safeParse(v.object<v.ObjectEntries>({ ...COMMON, ...EVENTS[type] }), fields, {
    abortEarly: true,
  });
  // Verified by the schema of this type.
  if (read.success) return read.output as Event;
  const field = v.getDotPath(read.issues[0]) ?? "EventType";
  throw new InvalidInput(`${field} of ${type}: ${read.issues[0].message}`, { field });
}
