import type { EmulatorInfo } from "../local/local.ts";
import { type Load, loadTimes } from "./load.ts";

/** An emulator with the credentials for its REST API. */
export class Api {
  readonly info: EmulatorInfo;

  constructor(info: EmulatorInfo) {
    this.info = info;
  }

  async post(path: string, form: Readonly<Record<string, string>> = {}): Promise<{ readonly sid: string }> {
    return (await this.#send(path, { method: "POST", body: new URLSearchParams(form) })) as { sid: string };
  }

  /** @returns the answer's JSON. */
  get(path: string): Promise<unknown> {
    return this.#send(path, {});
  }

  async #send(path: string, init: RequestInit): Promise<unknown> {
    const headers = { Authorization: authorizationOf(this.info) };
    const response = await fetch(`${this.info.url}${path}`, { ...init, headers });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return response.json();
  }

  /** Sends many messages over plain sockets. */
  async fill(sid: string, count: number): Promise<void> {
    await loadTimes(creatingMessages(this.info, sid), count);
  }
}

/** Requests that each create a message in a conversation. */
export const creatingMessages = (info: EmulatorInfo, sid: string): Load =>
  requests(info, "POST", `/v1/Conversations/${sid}/Messages`, 201, "Body=A+message+of+the+history");

/** Equal requests of the account, whose answers have this status. */
export function requests(info: EmulatorInfo, method: string, path: string, status: number, form = ""): Load {
  const port = Number(new URL(info.url).port);
  const text =
    `${method} ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAuthorization: ${authorizationOf(info)}\r\n` +
    `Content-Type: application/x-www-form-urlencoded\r\nContent-Length: ${form.length}\r\n\r\n${form}`;
  return { port, request: () => text, status };
}

const authorizationOf = ({ accountSid, authToken }: EmulatorInfo): string =>
  `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString("base64")}`;
