import type { WebSocket } from "ws";

/** What waits in a connection at most, in bytes. Who reads more slowly is cut off, and catches up when back. */
const mostWaiting = 8 * 1024 * 1024;

/**
 * Sends packets in the order in which they were written, when what they tell of will not be undone by a crash.
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
    // Until nothing has come in meanwhile: what is sent together waits for one commit.
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
