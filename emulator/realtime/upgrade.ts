import { type IncomingMessage, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import { readHost } from "../http/host.ts";
import { openFaulty } from "./faulty.ts";
import type { Realtime } from "./realtime.ts";

/** No body that the endpoints take is larger. */
const longestPacket = 1024 * 1024;

/**
 * Takes the sockets that SDKs open: of any path at the emulator's own URL, where an application names it, and at
 * tsock.twilio.com of any region.
 */
export class Upgrades {
  readonly #server = new WebSocketServer({
    noServer: true,
    maxPayload: longestPacket,
    perMessageDeflate: false,
    clientTracking: false,
  });

  accept(
    realtime: Realtime,
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    fallbackHost: string,
  ): void {
    const host = readHost(request.headers.host, fallbackHost);
    const path = request.url ?? "/";
    if ((host.product !== undefined && host.product !== "tsock") || !/^\/v3\/wsconnect(\?|$)/.test(path)) {
      refuse(socket, 404);
      return;
    }
    if (!realtime.mayConnect()) {
      refuse(socket, 429);
      return;
    }
    // A client that goes away meanwhile is no news.
    socket.on("error", () => socket.destroy());
    void openFaulty(realtime.options, request.headers.host ?? "").then((verdict) => {
      if (socket.destroyed) return;
      if (verdict !== true) refuse(socket, verdict);
      else this.#server.handleUpgrade(request, socket, head, (opened) => realtime.accept(opened, host));
    });
  }
}

function refuse(socket: Duplex, status: number): void {
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
