import { isLoopbackName, readHost } from "../http/host.ts";
import type { HttpRequest } from "../http/server.ts";

/** The reason for rejecting another host. */
export function refusalOf(host: string): string {
  return `The emulator is a proxy for *.twilio.com alone and does not connect to ${host}.`;
}

/**
 * A request to a proxy without a tunnel has the whole URL (RFC 9112, absolute-form): converts it to the request that
 * its host would receive. Returns only the host if it is neither Twilio's nor a loopback host.
 */
export function readTarget(request: HttpRequest): HttpRequest | { readonly refused: string } {
  const match = /^https?:\/\/([^/?#]*)([^#]*)/i.exec(request.url);
  if (match === null) return request;
  const host = (match[1] ?? "").toLowerCase();
  const rest = match[2] ?? "";
  const url = rest.startsWith("/") ? rest : `/${rest}`;
  const name = host.replace(/:\d{1,5}$/, "");
  if (readHost(host, "").product === undefined && !isLoopbackName(name)) return { refused: host };
  return { ...request, url, headers: { ...request.headers, host } };
}
