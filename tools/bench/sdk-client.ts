import { createHmac, randomUUID } from "node:crypto";
import { once } from "node:events";
import { WebSocket } from "ws";
import type { EmulatorInfo } from "../local/local.ts";

/*
 * The part of the protocol of Twilio's JavaScript SDK that a benchmark needs: a thousand instances of the SDK would be slower
 * than the measured server.
 */

type Waiting = (payload: string) => void;

/** One signed-in connection. */
export class SdkClient {
  readonly #socket: WebSocket;
  readonly #answers = new Map<string, Waiting>();
  /** Called with every notification. */
  told: (packet: string) => void = () => {};

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on("message", (data: Buffer) => {
      const packet = data.toString("utf8");
      const id = /"id":"([^"]+)"/.exec(packet)?.[1] ?? "";
      const waiting = this.#answers.get(id);
      this.#answers.delete(id);
      if (waiting === undefined) this.told(packet);
      else waiting(packet.slice(packet.indexOf("\r\n", packet.indexOf("\r\n") + 2) + 2));
    });
  }

  static async signIn(info: EmulatorInfo, identity: string): Promise<SdkClient> {
    const socket = new WebSocket(`${info.url.replace("http:", "ws:")}/v3/wsconnect`);
    const client = new SdkClient(socket);
    await once(socket, "open");
    await client.#exchange({ method: "init", token: accessToken(info, identity) });
    return client;
  }

  /** Sends a request through the socket. @returns the answer. */
  async ask(method: string, path: string, params: object = {}, body?: object): Promise<Answer> {
    const request = { host: "aim.us1.twilio.com", path, method, params, headers: {} };
    return JSON.parse(await this.#exchange({ method: "message", http_request: request }, body));
  }

  close(): void {
    this.#socket.terminate();
  }

  #exchange(header: object, body?: object): Promise<string> {
    const id = randomUUID();
    const payload = body === undefined ? "" : JSON.stringify(body);
    const head = JSON.stringify({ id, ...header, payload_size: payload.length });
    const answered = new Promise<string>((resolve) => this.#answers.set(id, resolve));
    this.#socket.send(Buffer.from(`TWILSOCK V3.0 ${head.length}\r\n${head}\r\n${payload}`));
    return answered;
  }
}

interface Answer {
  readonly sync_objects: { readonly my_user_info: string; readonly my_conversations: string };
  readonly conversations: readonly unknown[];
  readonly items: readonly unknown[];
  readonly meta: { readonly next_token: string | null };
}

/** An access token for Conversations, valid for an hour. */
export function accessToken(info: EmulatorInfo, identity: string): string {
  const { accountSid, apiKeySid, apiKeySecret, chatServiceSid } = info;
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    iss: apiKeySid,
    sub: accountSid,
    iat: now,
    exp: now + 3600,
    grants: { identity, chat: { service_sid: chatServiceSid } },
  };
  const signed = `${encode({ typ: "JWT", alg: "HS256", cty: "twilio-fpa;v=1" })}.${encode(claims)}`;
  return `${signed}.${createHmac("sha256", apiKeySecret).update(signed).digest("base64url")}`;
}
