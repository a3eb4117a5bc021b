import type { Member } from "../domain/collection.ts";
import { NotEmulatedError } from "../domain/errors.ts";
import { requestRules } from "../domain/rules/request.ts";
import { type ListSource, listResponse } from "../http/list.ts";
import type { Params } from "../http/params.ts";
import type { HttpResponse } from "../http/response.ts";
import { type Call, notFound, param } from "./call.ts";

/*
 * The conventions of the API of 2010-04-01: the account in each path, ".json" at its end, RFC 2822 dates and relative
 * URIs.
 */

/** 404 for any other account. */
export function checkAccount(call: Call): void {
  if (withoutJson(param(call, "AccountSid")) !== call.resources.account.sid) throw notFound(call);
}

/** Answers 501 to a parameter that would change what the request does, and is not emulated. */
export function checkUnsupported(params: Params, names: readonly string[], what: string): void {
  const name = names.find((one) => params.get(one));
  if (name !== undefined) throw new NotEmulatedError(`${what} with ${name}`);
}

/** A path parameter without the ".json" that official clients append to the last one. */
export function withoutJson(name: string): string {
  return name.replace(/\.json$/, "");
}

export function rfc2822(ms: number): string {
  return new Date(ms).toUTCString().replace("GMT", "+0000");
}

/** A page of a list at a relative URI. A page after the first requires its token. */
export function listPage<T extends Member>(
  uri: string,
  { query }: Call,
  source: ListSource<T>,
): HttpResponse {
  const response = listResponse(uri, query, source);
  if (Number(query.get("Page")) > 0 && !query.get("PageToken")) throw requestRules.pageTokenMissing();
  return withUris(response, source.key);
}

/** The relative URIs of the previous and next page, in place of `meta`. */
function withUris({ status, body }: HttpResponse, key: string): HttpResponse {
  const { meta, [key]: members } = body as { meta: Record<string, string | number | null> } & Record<
    string,
    unknown[]
  >;
  const list = members ?? [];
  const start = Number(meta.page) * Number(meta.page_size);
  return {
    status,
    body: {
      page: meta.page,
      page_size: meta.page_size,
      start,
      end: Math.max(start + list.length - 1, 0),
      uri: meta.url,
      first_page_uri: meta.first_page_url,
      previous_page_uri: meta.previous_page_url,
      next_page_uri: meta.next_page_url,
      [key]: list,
    },
  };
}

/** A list on one page. */
export function uriList(uri: string, key: string, members: readonly unknown[]): HttpResponse {
  const meta = {
    page: 0,
    page_size: 50,
    url: uri,
    first_page_url: uri,
    previous_page_url: null,
    next_page_url: null,
  };
  return withUris({ status: 200, body: { meta, [key]: members } }, key);
}
