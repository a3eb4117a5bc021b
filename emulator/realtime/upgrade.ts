import { type IncomingMessage, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import { readHost } from "../http/host.ts";
import { Connection } from "./connection.ts";
import { checkConnection } from "./faults.ts";
import type { Realtime } from "./realtime.ts";

/** Bytes; larger than any body that the endpoints accept. */
const longestPacket = 1024 * 1024;

/**
 * Accepts the WebSockets of SDKs: at the emulator's own URL, and at tsock.twilio.com of any region.
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
    // The client may disconnect before the upgrade.
    socket.on("error", () => socket.destroy());
    void checkConnection(realtime.options, request.headers.host ?? "").then((verdict) => {
      if (socket.destroyed) return;
      if (verdict !== true) refuse(socket, verdict);
      else {
        this.#server.handleUpgrade(request, socket, head, (opened) => {
          const connection = new Connection(realtime, opened, host);
          const remove = realtime.add(connection);
          opened.once("close", () => {
            remove();
            connection.ended();
          });
        });
      }
    });
  }
}

function refuse(socket: Duplex, status: number): void {
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
