import { isLoopbackName, readHost } from "../http/host.ts";
import type { HttpRequest } from "../http/server.ts";

/** Why another host is refused. */
export function refusalOf(host: string): string {
  return `The emulator is a proxy for *.twilio.com alone and does not connect to ${host}.`;
}

/**
 * A request to a proxy without a tunnel names the whole URL (RFC 9112, absolute-form): it becomes the same as the
 * request that its host would get. For a host that is neither Twilio's nor this machine, the host alone.
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
