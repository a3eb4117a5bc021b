import { once } from "node:events";
import { WebSocket } from "ws";
import { type Packet, readPacket, writePacket } from "../../../emulator/realtime/packet.ts";
import type { TestAccount } from "./emulator.ts";
import { accessToken, socketUrl } from "./sdk.ts";

/** A client of the SDK's protocol without the SDK: for what the SDK would not do. */
export class RawSdk {
  readonly socket: WebSocket;
  readonly received: Packet[] = [];
  #sent = 0;
  #waiting: (() => void)[] = [];

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on("message", (data: Buffer) => {
      const packet = readPacket(data);
      if (packet !== undefined) this.received.push(packet);
      for (const wake of this.#waiting.splice(0)) wake();
    });
  }

  /** Opens a connection; with an identity it signs in. */
  static async open(account: TestAccount, identity?: string): Promise<RawSdk> {
    const socket = new WebSocket(socketUrl(account));
    socket.binaryType = "nodebuffer";
    const sdk = new RawSdk(socket);
    await once(socket, "open");
    if (identity !== undefined) await sdk.signIn(await accessToken(account, identity));
    return sdk;
  }

  signIn(token: string): Promise<Packet> {
    return this.exchange({ method: "init", token, metadata: { sdkv: "raw" } });
  }

  /** A request through the tunnel: its status, and its body. */
  async ask(
    method: string,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<[status: unknown, body: unknown]> {
    const [pathname, query = ""] = path.split("?");
    const params = Object.fromEntries(
      query
        .split("&")
        .filter(Boolean)
        .map((pair) => pair.split("=")),
    );
    const http_request = { host: "aim.us1.twilio.com", path: pathname, method, params, headers };
    const { header, payload } = await this.exchange({ method: "message", http_request }, body);
    const status = header.get("http_status") ?? header.get("status");
    const text = payload.toString("utf8");
    return [(status as { readonly code: number }).code, text === "" ? undefined : JSON.parse(text)];
  }

  /** Sends a packet and waits for its answer. */
  async exchange(header: object, payload?: unknown): Promise<Packet> {
    this.#sent += 1;
    const id = `TM${this.#sent}`;
    this.socket.send(writePacket({ id, ...header }, payload));
    return this.find(({ header: answer, method }) => method === "reply" && answer.get("id") === id);
  }

  /** Waits for a packet. */
  async find(accept: (packet: Packet) => boolean): Promise<Packet> {
    for (;;) {
      const packet = this.received.find(accept);
      if (packet !== undefined) return packet;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  close(): void {
    this.socket.terminate();
  }
}
