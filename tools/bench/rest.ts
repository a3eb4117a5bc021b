import type { EmulatorInfo } from "../local/local.ts";
import { type Load, loadTimes } from "./load.ts";

/** An emulator with the credentials for its REST API. */
export class Api {
  readonly info: EmulatorInfo;

  constructor(info: EmulatorInfo) {
    this.info = info;
  }

  async post(path: string, form: Readonly<Record<string, string>> = {}): Promise<{ readonly sid: string }> {
    const { url, accountSid, authToken } = this.info;
    const Authorization = `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString("base64")}`;
    const body = new URLSearchParams(form);
    const response = await fetch(`${url}${path}`, { method: "POST", headers: { Authorization }, body });
    if (!response.ok) throw new Error(`POST ${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as { sid: string };
  }

  /** Sends many messages over plain sockets. */
  async fill(sid: string, count: number): Promise<void> {
    await loadTimes(creatingMessages(this.info, sid), count);
  }
}

/** Requests that each create a message in a conversation. */
export function creatingMessages({ url, accountSid, authToken }: EmulatorInfo, sid: string): Load {
  const port = Number(new URL(url).port);
  const authorization = Buffer.from(`${accountSid}:${authToken}`).toString("base64");
  const form = "Body=A+message+of+the+history";
  const text =
    `POST /v1/Conversations/${sid}/Messages HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n` +
    `Authorization: Basic ${authorization}\r\nContent-Type: application/x-www-form-urlencoded\r\n` +
    `Content-Length: ${form.length}\r\n\r\n${form}`;
  return { port, request: () => text, status: 201 };
}
