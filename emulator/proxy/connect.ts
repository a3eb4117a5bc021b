import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { TLSSocket } from "node:tls";
import { readHost } from "../http/host.ts";
import type { Authority } from "./authority.ts";
import { refusalOf } from "./target.ts";

/**
 * Answers CONNECT: the tunnel to a host of Twilio ends here, with a certificate for it, and its data is
 * passed to `accept` like any other connection. Every other host is rejected with 403 and logged: many clients print only the
 * status. A host that is requested again and again is logged once.
 */
export function answerConnect(
  authority: Authority,
  accept: (socket: Duplex) => void,
  log: (message: string) => void,
): (request: IncomingMessage, socket: Duplex, head: Buffer) => void {
  let lastRefused: string | undefined;
  return (request, socket, head) => {
    // Clients may disconnect at any time.
    socket.on("error", () => socket.destroy());
    const host = (request.url ?? "").replace(/:\d{1,5}$/, "").toLowerCase();
    if (readHost(host, "").product === undefined) {
      if (host !== lastRefused) log(refusalOf(host));
      lastRefused = host;
      const text = `${refusalOf(host)}\n`;
      const headers = `Content-Type: text/plain\r\nContent-Length: ${Buffer.byteLength(text)}\r\nConnection: close`;
      socket.end(`HTTP/1.1 403 Forbidden\r\n${headers}\r\n\r\n${text}`);
      return;
    }
    // Exactly the text that Twilio's PHP library removes from the response, with a lower-case "e".
    socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
    if (head.length > 0) socket.unshift(head);
    const secure = new TLSSocket(socket, { isServer: true, secureContext: authority.contextFor(host) });
    secure.on("error", () => secure.destroy());
    accept(secure);
  };
}
