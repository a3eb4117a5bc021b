import type { Member, Ordered } from "../domain/collection.ts";
import { requestRules } from "../domain/rules/request.ts";
import type { Params } from "./params.ts";
import type { Reply } from "./reply.ts";

/** A list resource. */
export interface ListSource<T extends Member> {
  /** The name of the list in the answer, and `meta.key`. */
  readonly key: string;
  readonly members: Ordered<T>;
  /** Two letters of the members' SIDs, for page tokens to look like Twilio's. */
  readonly sidPrefix: string;
  readonly defaultSize: number;
  readonly maxSize: number;
  /** Whether the last member comes first. */
  readonly descending?: boolean;
  /** Parameters that choose among the members, repeated in every URL of the list. */
  readonly filters?: readonly (readonly [string, string])[];
  readonly keep?: (member: T) => boolean;
  readonly present: (member: T) => unknown;
}

/** A page token: what it points to is the place of the last (PA) or first (PB) member of the page it came with. */
interface PageToken {
  readonly forward: boolean;
  readonly place: number;
}

/**
 * Answers a page of a list in Twilio's envelope. A token carries a place, not a count, so following
 * `next_page_url` meets every member once, also while others come and go. A size above the resource's maximum is
 * lowered to it (assumed; the specification only states the maximum), above 1000 refused (20007).
 */
export function listReply<T extends Member>(url: string, query: Params, source: ListSource<T>): Reply {
  const size = readPageSize(query.get("PageSize"), source);
  const token = readToken(query.get("PageToken"), source.sidPrefix);
  const number = Number(/^\d{1,9}$/.exec(query.get("Page") ?? "")?.[0] ?? 0);
  const { page, hasPrevious, hasNext } = readPage(source, token, size);
  const filters = (source.filters ?? [])
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}&`)
    .join("");
  const pageUrl = (page: number, pageToken?: string) =>
    `${url}?${filters}PageSize=${size}&Page=${page}${pageToken === undefined ? "" : `&PageToken=${pageToken}`}`;
  const [first, last] = [page[0], page.at(-1)];
  const meta = {
    page: number,
    page_size: size,
    first_page_url: pageUrl(0),
    previous_page_url:
      hasPrevious && first !== undefined
        ? pageUrl(Math.max(number - 1, 0), writeToken("PB", source, first))
        : null,
    url: pageUrl(number, query.get("PageToken")),
    next_page_url: hasNext && last !== undefined ? pageUrl(number + 1, writeToken("PA", source, last)) : null,
    key: source.key,
  };
  return { status: 200, body: { meta, [source.key]: page.map(source.present) } };
}

interface PageContent<T> {
  readonly page: readonly T[];
  readonly hasPrevious: boolean;
  readonly hasNext: boolean;
}

function readPage<T extends Member>(
  source: ListSource<T>,
  token: PageToken | undefined,
  size: number,
): PageContent<T> {
  const inListOrder = token?.forward ?? true;
  const upwards = inListOrder !== (source.descending ?? false);
  const start = token === undefined ? startOf(upwards) : token.place + (upwards ? 1 : -1);
  const found = take(source, upwards, start, size + 1);
  const page = found.slice(0, size);
  const more = found.length > size;
  if (!inListOrder) return { page: page.reverse(), hasPrevious: more, hasNext: true };
  const first = page[0];
  const before = first === undefined ? [] : take(source, !upwards, first.seq + (upwards ? -1 : 1), 1);
  return { page, hasPrevious: before.length > 0, hasNext: more };
}

function startOf(upwards: boolean): number {
  return upwards ? 0 : Number.MAX_SAFE_INTEGER - 1;
}

function take<T extends Member>(source: ListSource<T>, upwards: boolean, from: number, count: number): T[] {
  const taken: T[] = [];
  for (const member of upwards ? source.members.upFrom(from) : source.members.downFrom(from)) {
    if (source.keep !== undefined && !source.keep(member)) continue;
    taken.push(member);
    if (taken.length === count) break;
  }
  return taken;
}

function readPageSize<T extends Member>(text: string | undefined, source: ListSource<T>): number {
  if (text === undefined || text === "") return source.defaultSize;
  if (!/^\d{1,9}$/.test(text) || Number(text) < 1) throw requestRules.invalidParameter("PageSize");
  if (Number(text) > 1000) throw requestRules.pageSizeTooLarge();
  return Math.min(Number(text), source.maxSize);
}

function readToken(text: string | undefined, prefix: string): PageToken | undefined {
  if (text === undefined || text === "") return undefined;
  const match = /^(PA|PB)([A-Z]{2})([0-9a-f]{32})$/.exec(text);
  const place = Number.parseInt(match?.[3] ?? "", 16);
  if (match === null || match[2] !== prefix || !Number.isSafeInteger(place))
    throw requestRules.invalidPageToken();
  return { forward: match[1] === "PA", place };
}

function writeToken<T extends Member>(direction: "PA" | "PB", source: ListSource<T>, member: T): string {
  return `${direction}${source.sidPrefix}${member.seq.toString(16).padStart(32, "0")}`;
}

/** Members of an array whose places are their indexes. */
export function orderedArray<T>(members: readonly T[]): Ordered<T> {
  return {
    upFrom: (place) => members.slice(place),
    downFrom: (place) => members.slice(0, Math.max(place + 1, 0)).reverse(),
  };
}
