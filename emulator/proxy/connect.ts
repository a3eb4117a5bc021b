import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { TLSSocket } from "node:tls";
import { readHost } from "../http/host.ts";
import type { Authority } from "./authority.ts";
import { refusalOf } from "./target.ts";

/**
 * Answers CONNECT: the tunnel to a host of Twilio ends here, with a certificate for it, and what comes through is
 * handed to `accept` like any other connection. Every other host is refused with 403.
 */
export function answerConnect(
  authority: Authority,
  accept: (socket: Duplex) => void,
): (request: IncomingMessage, socket: Duplex, head: Buffer) => void {
  return (request, socket, head) => {
    // Clients may disconnect at any time.
    socket.on("error", () => socket.destroy());
    const host = (request.url ?? "").replace(/:\d{1,5}$/, "").toLowerCase();
    if (readHost(host, "").product === undefined) {
      const text = `${refusalOf(host)}\n`;
      const headers = `Content-Type: text/plain\r\nContent-Length: ${Buffer.byteLength(text)}\r\nConnection: close`;
      socket.end(`HTTP/1.1 403 Forbidden\r\n${headers}\r\n\r\n${text}`);
      return;
    }
    // Word for word what Twilio's PHP library takes off the answer, with a small "e".
    socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
    if (head.length > 0) socket.unshift(head);
    const secure = new TLSSocket(socket, { isServer: true, secureContext: authority.contextFor(host) });
    secure.on("error", () => secure.destroy());
    accept(secure);
  };
}
