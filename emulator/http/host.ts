/** The Host header: the product of Twilio, and the origin of URLs in responses. */
export interface Host {
  /** "conversations", "content", …: the first label of *.twilio.com; undefined if the path decides. */
  readonly product: string | undefined;
  /** "https://conversations.twilio.com" or "http://127.0.0.1:4010", without a slash at the end. */
  readonly origin: string;
  /** Whether the host is a loopback host. */
  readonly isLoopback: boolean;
}

const twilioHost = /^([a-z0-9-]{1,63})(\.[a-z0-9-]{1,63}){0,3}\.twilio\.com$/;
const anyHost = /^(\[[0-9a-f:.]{2,45}\]|[a-z0-9._-]{1,253})(:\d{1,5})?$/;

/**
 * Reads a Host header. Twilio's hosts, also with region or edge ("conversations.dublin.ie1.twilio.com"), keep
 * their name in the URLs of responses, so that clients that follow them use the same transport. Text that
 * is not a host is replaced by `fallback`.
 */
export function readHost(header: string | undefined, fallback: string): Host {
  const given = (header ?? "").toLowerCase();
  const host = anyHost.test(given) ? given : fallback;
  const name = host.replace(/:\d{1,5}$/, "");
  const product = twilioHost.exec(name)?.[1];
  if (product !== undefined) return { product, origin: `https://${name}`, isLoopback: false };
  return { product: undefined, origin: `http://${host}`, isLoopback: isLoopbackName(name) };
}

/** Whether a host name, without port, is a loopback host. */
export function isLoopbackName(name: string): boolean {
  return name === "localhost" || name === "[::1]" || /^127(\.\d{1,3}){3}$/.test(name);
}
