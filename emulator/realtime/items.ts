import { isoMillis } from "../dates.ts";
import type { Service } from "../domain/account-model.ts";
import { requestRules } from "../domain/rules/request.ts";
import type { Params } from "../http/params.ts";
import type { SyncObject } from "./objects.ts";
import { membershipData, messageData, participantData, userData, userKeys } from "./shapes.ts";
import { eventOf, type Track } from "./tracks.ts";

/** An item of a list, by its index, or of a map, by its key. */
export interface Item {
  readonly key: string;
  /** Null when it was removed. */
  readonly data: object;
  readonly dateCreated: number;
  readonly dateUpdated: number;
}

type Order = "asc" | "desc";

/** The item with a key; undefined when there is none. */
export function itemOf(service: Service, object: SyncObject, key: string): Item | undefined {
  switch (object.kind) {
    case "document":
      return undefined;
    case "messages":
      for (const message of object.conversation.messages.upFrom(readIndex(key)))
        return String(message.seq) === key ? itemsOfMessage(message) : undefined;
      return undefined;
    case "roster": {
      const participant = object.conversation.participants.get(key);
      return participant === undefined
        ? undefined
        : { ...datesOf(participant), key, data: participantData(participant) };
    }
    case "myConversations": {
      const membership = object.user.memberships.get(key);
      return membership === undefined
        ? undefined
        : { ...datesOf(membership), key, data: membershipData(membership) };
    }
    case "userInfo": {
      const known = userKeys.find((name) => name === key);
      return known === undefined
        ? undefined
        : { ...datesOf(object.user), key, data: userData(service, object.user, known) };
    }
  }
}

function itemsOfMessage(message: Parameters<typeof messageData>[0]): Item {
  return { ...datesOf(message), key: String(message.seq), data: messageData(message) };
}

function datesOf({ dateCreated, dateUpdated }: Pick<Item, "dateCreated" | "dateUpdated">) {
  return { dateCreated, dateUpdated };
}

/** The keys of an object's items in an order, beginning with one. */
function* keysOf(object: SyncObject, order: Order, from: string | undefined): Iterable<string> {
  if (object.kind === "messages") {
    const { messages } = object.conversation;
    const start = from === undefined ? undefined : readIndex(from);
    const members =
      order === "asc" ? messages.upFrom(start ?? 0) : messages.downFrom(start ?? messages.nextSeq());
    for (const { seq } of members) yield String(seq);
    return;
  }
  const sorted = [...mapKeys(object)].sort();
  if (order === "desc") sorted.reverse();
  for (const key of sorted)
    if (from === undefined || (order === "asc" ? key >= from : key <= from)) yield key;
}

function mapKeys(object: SyncObject): Iterable<string> {
  switch (object.kind) {
    case "roster":
      return [...object.conversation.participants.values()].map(({ sid }) => sid);
    case "myConversations":
      return object.user.memberships.keys();
    case "userInfo":
      return userKeys;
    default:
      return [];
  }
}

/** A query for items; a page token contains all of it. */
interface Query {
  readonly order: Order;
  readonly size: number;
  readonly from: string | undefined;
  /** Whether the page ends before `from`, instead of beginning with it. */
  readonly before: boolean;
}

/**
 * Returns a page of items, or the item with a key. Tokens contain the whole query, so they need no other parameters.
 */
export function answerItems(
  service: Service,
  object: SyncObject,
  track: Track,
  base: string,
  params: Params,
) {
  const key = params.get("Key") ?? params.get("Index");
  const query = key === undefined ? readQuery(params) : undefined;
  if (query === undefined) {
    const item = itemOf(service, object, key ?? "");
    return { items: item === undefined ? [] : [presentItem(object, track, base, item)], meta: emptyMeta };
  }
  const { keys, hasNext, hasPrevious } = readPage(object, query);
  const items = keys.flatMap((name) => {
    const item = itemOf(service, object, name);
    return item === undefined ? [] : [presentItem(object, track, base, item)];
  });
  const [first, last] = [keys[0] ?? query.from, keys.at(-1)];
  const token = (position: Omit<Query, "order" | "size">) => writeToken({ ...query, ...position });
  const meta = {
    previous_token: hasPrevious && first !== undefined ? token({ from: first, before: true }) : null,
    next_token:
      hasNext && last !== undefined ? token({ from: after(object, query, last), before: false }) : null,
    page_size: query.size,
  };
  return { items, meta };
}

const emptyMeta = { previous_token: null, next_token: null, page_size: 1 };

function readPage(object: SyncObject, { order, size, from, before }: Query) {
  const other = order === "asc" ? "desc" : "asc";
  if (before) {
    const found = take(beyond(object, other, from), size + 1);
    return { keys: found.slice(0, size).reverse(), hasPrevious: found.length > size, hasNext: true };
  }
  const found = take(keysOf(object, order, from), size + 1);
  const keys = found.slice(0, size);
  const anchor = keys[0] ?? from;
  const hasPrevious = anchor !== undefined && take(beyond(object, other, anchor), 1).length > 0;
  return { keys, hasPrevious, hasNext: found.length > size };
}

/** The key after one, in the order of a query. */
function after(object: SyncObject, { order }: Query, key: string): string | undefined {
  return take(beyond(object, order, key), 1)[0];
}

function* beyond(object: SyncObject, order: Order, key: string | undefined): Iterable<string> {
  for (const other of keysOf(object, order, key)) if (other !== key) yield other;
}

function take(keys: Iterable<string>, count: number): string[] {
  const taken: string[] = [];
  for (const key of keys) {
    if (taken.length === count) break;
    taken.push(key);
  }
  return taken;
}

/** An item in a response. */
function presentItem({ kind }: SyncObject, track: Track, base: string, item: Item) {
  const { key, data, dateCreated, dateUpdated } = item;
  return {
    ...(kind === "messages" ? { index: Number(key) } : { key }),
    url: `${base}/Items/${encodeURIComponent(key)}`,
    revision: String(eventOf(track, key)),
    data,
    date_created: isoMillis(dateCreated),
    date_updated: isoMillis(dateUpdated),
    date_expires: null,
    last_event_id: eventOf(track, key),
  };
}

/** Every item of an object, for a response that includes them. */
export function includeItems(service: Service, object: SyncObject, track: Track, base: string) {
  return [...keysOf(object, "asc", undefined)].flatMap((key) => {
    const item = itemOf(service, object, key);
    return item === undefined ? [] : [presentItem(object, track, base, item)];
  });
}

const defaultSize = 50;
const mostItems = 100;

function readQuery(params: Params): Query {
  const token = params.get("PageToken");
  if (token !== undefined) return readToken(token);
  const order = params.get("Order") ?? "asc";
  if (order !== "asc" && order !== "desc") throw requestRules.invalidParameter("Order");
  const size = params.get("PageSize") ?? String(defaultSize);
  if (!/^\d{1,6}$/.test(size) || Number(size) === 0) throw requestRules.invalidParameter("PageSize");
  return { order, size: Math.min(Number(size), mostItems), from: params.get("From"), before: false };
}

function writeToken({ order, size, from, before }: Query): string {
  return Buffer.from(JSON.stringify([order, size, from, before])).toString("base64url");
}

function readToken(token: string): Query {
  try {
    const [order, size, from, before]: unknown[] = JSON.parse(Buffer.from(token, "base64url").toString());
    const isQuery =
      (order === "asc" || order === "desc") && Number.isInteger(size) && typeof from === "string";
    if (isQuery && typeof before === "boolean")
      return { order, size: Math.min(Math.max(Number(size), 1), mostItems), from, before };
  } catch {
    // Not a token of this emulator.
  }
  throw requestRules.invalidPageToken();
}

function readIndex(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw requestRules.invalidParameter("From");
  return Number(text);
}
