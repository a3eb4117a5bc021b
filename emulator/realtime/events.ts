import type { Kind } from "./tracks.ts";

/** Base URL of Sync. The host is never contacted. */
export const cds = "https://cds.us1.twilio.com/v3";

/** An event of Sync, the payload of a notification. */
export interface SyncEvent {
  readonly event_type: string;
  readonly event_protocol_version: 4;
  readonly event?: object;
  readonly events?: readonly object[];
}

/** A change of an item of a list or map. */
export interface ItemEvent {
  readonly type: "document" | "list" | "map";
  readonly sid: string;
  readonly id: number;
  /** ISO 8601. */
  readonly at: string;
  readonly kind: Kind;
  readonly key: string;
  readonly data: object;
}

/** The event for a change of an item. */
export function itemEvent({ type, sid, id, at, kind, key, data }: ItemEvent): SyncEvent {
  const name = type === "list" ? { item_index: Number(key) } : { item_key: key };
  const segment = type === "list" ? "Lists" : "Maps";
  const content =
    kind === "removed"
      ? { item_data: data }
      : {
          item_url: `${cds}/${segment}/${sid}/Items/${encodeURIComponent(key)}`,
          item_revision: String(id),
          item_data: data,
          date_expires: null,
        };
  const about = { id, [`${type}_sid`]: sid, [`${type}_revision`]: String(id), date_created: at };
  return {
    event_type: `${type}_item_${kind}`,
    event_protocol_version: 4,
    event: { ...about, ...name, ...content },
  };
}

/** The event for a change of a document, with all of its data. */
export function documentEvent(sid: string, id: number, at: string, data: object): SyncEvent {
  const about = { id, document_sid: sid, document_revision: String(id), date_created: at };
  return {
    event_type: "document_updated",
    event_protocol_version: 4,
    event: { ...about, document_data: data },
  };
}

/** The event for an object that was removed. */
export function removalEvent(type: ItemEvent["type"], sid: string, id: number, at: string): SyncEvent {
  return {
    event_type: `${type}_removed`,
    event_protocol_version: 4,
    event: { id, [`${type}_sid`]: sid, date_created: at },
  };
}
