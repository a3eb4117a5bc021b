import type { Member, Ordered } from "../domain/collection.ts";
import { requestRules } from "../domain/rules/request.ts";
import type { Params } from "./params.ts";
import type { HttpResponse } from "./response.ts";

/** Members in an order. Each has a constant position, written in hexadecimal digits. */
export interface Sequence<T> {
  placeOf(member: T): string;
  /** The members after a position, or from the first one on, in ascending order. */
  after(position: string | undefined): Iterable<T>;
  /** The members before a position, or from the last one on, in descending order. */
  before(position: string | undefined): Iterable<T>;
}

/** A list resource. */
export interface ListSource<T extends Member> {
  /** The name of the list in the response, and `meta.key`. */
  readonly key: string;
  readonly members: Ordered<T> | Sequence<T>;
  /** Two letters of the members' SIDs, for page tokens to look like Twilio's. */
  readonly sidPrefix: string;
  readonly defaultSize: number;
  readonly maxSize: number;
  /** Whether the order is descending. */
  readonly descending?: boolean;
  /** Filter parameters, repeated in every URL of the list. */
  readonly filters?: readonly (readonly [string, string])[];
  readonly keep?: (member: T) => boolean;
  readonly present: (member: T) => unknown;
}

/** A page token: the position of the last (PA) or first (PB) member of its page. */
interface PageToken {
  readonly forward: boolean;
  readonly position: string;
}

/**
 * Returns a page of a list in Twilio's envelope. A token has a position, not a count, so that following `next_page_url`
 * returns every member once, even while others are added and removed; and a checksum of the list and its filters, so
 * that it is invalid for others. A size above the resource's maximum is reduced to it (assumed;
 * the specification only states the maximum), above 1000 rejected (20007).
 */
export function listResponse<T extends Member>(
  url: string,
  query: Params,
  source: ListSource<T>,
): HttpResponse {
  const size = readPageSize(query.get("PageSize"), source);
  const filters = (source.filters ?? [])
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}&`)
    .join("");
  const seal = checksum(`${url.slice(url.indexOf("/", "https://".length))}?${filters}`);
  const token = readToken(query.get("PageToken"), source.sidPrefix, seal);
  const number = readPageNumber(query.get("Page"));
  const members = "placeOf" in source.members ? source.members : bySeq(source.members);
  const { page, hasPrevious, hasNext } = readPage({ ...source, members }, token, size);
  const pageUrl = (page: number, pageToken?: string) =>
    `${url}?${filters}PageSize=${size}&Page=${page}${pageToken === undefined ? "" : `&PageToken=${pageToken}`}`;
  const [first, last] = [page[0], page.at(-1)];
  const tokenOf = (direction: "PA" | "PB", member: T) =>
    `${direction}${source.sidPrefix}${seal}${members.placeOf(member).padStart(24, "0")}`;
  const meta = {
    page: number,
    page_size: size,
    first_page_url: pageUrl(0),
    previous_page_url:
      hasPrevious && first !== undefined ? pageUrl(Math.max(number - 1, 0), tokenOf("PB", first)) : null,
    url: pageUrl(number, query.get("PageToken")),
    next_page_url: hasNext && last !== undefined ? pageUrl(number + 1, tokenOf("PA", last)) : null,
    key: source.key,
  };
  return { status: 200, body: { meta, [source.key]: page.map(source.present) } };
}

type Pageable<T extends Member> = ListSource<T> & { readonly members: Sequence<T> };

interface PageContent<T> {
  readonly page: readonly T[];
  readonly hasPrevious: boolean;
  readonly hasNext: boolean;
}

function readPage<T extends Member>(
  source: Pageable<T>,
  token: PageToken | undefined,
  size: number,
): PageContent<T> {
  const inListOrder = token?.forward ?? true;
  const upwards = inListOrder !== (source.descending ?? false);
  const found = take(source, upwards, token?.position, size + 1);
  const page = found.slice(0, size);
  const more = found.length > size;
  if (!inListOrder) return { page: page.reverse(), hasPrevious: more, hasNext: true };
  const first = page[0];
  const before = first === undefined ? [] : take(source, !upwards, source.members.placeOf(first), 1);
  return { page, hasPrevious: before.length > 0, hasNext: more };
}

function take<T extends Member>(
  { members, keep }: Pageable<T>,
  upwards: boolean,
  from: string | undefined,
  count: number,
): T[] {
  const taken: T[] = [];
  for (const member of upwards ? members.after(from) : members.before(from)) {
    if (keep !== undefined && !keep(member)) continue;
    taken.push(member);
    if (taken.length === count) break;
  }
  return taken;
}

/** Reads `PageSize`. Throws for what is no number from 1 to 1000; reduces it to the list's maximum. */
export function readPageSize(
  text: string | undefined,
  source: Pick<ListSource<Member>, "defaultSize" | "maxSize">,
): number {
  if (text === undefined || text === "") return source.defaultSize;
  if (!/^\d{1,9}$/.test(text) || Number(text) < 1) throw requestRules.invalidParameter("PageSize");
  if (Number(text) > 1000) throw requestRules.pageSizeTooLarge();
  return Math.min(Number(text), source.maxSize);
}

/** Reads `Page`, which only the client needs: the token has the position (OpenAPI: an integer from 0). */
function readPageNumber(text: string | undefined): number {
  if (text === undefined || text === "") return 0;
  if (!/^\d{1,9}$/.test(text)) throw requestRules.invalidParameter("Page");
  return Number(text);
}

function readToken(text: string | undefined, prefix: string, seal: string): PageToken | undefined {
  if (text === undefined || text === "") return undefined;
  const match = /^(PA|PB)([A-Z]{2})([0-9a-f]{8})([0-9a-f]{24,64})$/.exec(text);
  const [, direction, letters, sealed, position] = match ?? [];
  if (position === undefined || letters !== prefix || sealed !== seal) throw requestRules.invalidPageToken();
  return { forward: direction === "PA", position };
}

/** FNV-1a, 32 bits, as eight hexadecimal digits. */
function checksum(text: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, "0");
}

/** Members in the order of their positions in a collection. */
function bySeq<T extends Member>(members: Ordered<T>): Sequence<T> {
  return {
    placeOf: ({ seq }) => seq.toString(16),
    after: (position) => members.upFrom(position === undefined ? 0 : readSeq(position) + 1),
    before: (position) =>
      members.downFrom(position === undefined ? Number.MAX_SAFE_INTEGER - 1 : readSeq(position) - 1),
  };
}

function readSeq(position: string): number {
  const seq = Number.parseInt(position, 16);
  if (seq < Number.MAX_SAFE_INTEGER) return seq;
  throw requestRules.invalidPageToken();
}

/**
 * Members in the order of a key, from 24 to 64 hexadecimal digits, the same number for each. They are
 * sorted whenever a page is read.
 */
export function byKey<T>(members: Iterable<T>, keyOf: (member: T) => string): Sequence<T> {
  const sorted = () => [...members].map((member) => ({ member, key: keyOf(member) }));
  const ascending = () => sorted().sort((a, b) => (a.key < b.key ? -1 : 1));
  return {
    placeOf: keyOf,
    after: (position) =>
      ascending()
        .filter(({ key }) => position === undefined || key > position)
        .map(({ member }) => member),
    before: (position) =>
      ascending()
        .filter(({ key }) => position === undefined || key < position)
        .map(({ member }) => member)
        .reverse(),
  };
}

/** Members of an array whose positions are their indexes. */
export function orderedArray<T>(members: readonly T[]): Ordered<T> {
  return {
    upFrom: (position) => members.slice(position),
    downFrom: (position) => members.slice(0, Math.max(position + 1, 0)).reverse(),
  };
}
