import type { WebSocket } from "ws";

/** Bytes that may be buffered for a connection. A slower client is disconnected, and catches up when it reconnects. */
const mostWaiting = 8 * 1024 * 1024;

/**
 * Sends packets in the order in which they were written, once the changes that they report are on the disk.
 */
export class Outbox {
  readonly #committed: () => Promise<void>;
  readonly #log: (message: string) => void;
  #waiting: (readonly [WebSocket, Buffer])[] = [];
  #isSending = false;

  constructor(committed: () => Promise<void>, log: (message: string) => void) {
    this.#committed = committed;
    this.#log = log;
  }

  send(socket: WebSocket, packet: Buffer): void {
    this.#waiting.push([socket, packet]);
    if (this.#isSending) return;
    this.#isSending = true;
    void this.#flush();
  }

  async #flush(): Promise<void> {
    // Packets that were added during a commit share the next one.
    while (this.#waiting.length > 0) {
      const error = await this.#committed().then(
        () => undefined,
        (reason: unknown) => reason,
      );
      const ready = this.#waiting;
      this.#waiting = [];
      if (error !== undefined) this.#log(`realtime: ${error}`);
      for (const [socket, packet] of ready) {
        if (error !== undefined || socket.bufferedAmount > mostWaiting) socket.terminate();
        else if (socket.readyState === socket.OPEN) socket.send(packet);
      }
    }
    this.#isSending = false;
  }
}
