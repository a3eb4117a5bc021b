import { request } from "node:http";
import type { EmulatorInfo } from "../../emulator/emulator.ts";

/** A raw request, without the checks of a client. */
export interface RawRequest {
  readonly method: string;
  /** The host header: "conversations.twilio.com". */
  readonly host: string;
  /** Path and query, sent unchanged. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | string;
}

/** The response. */
export interface RawAnswer {
  readonly status: number;
  readonly contentType: string | undefined;
  readonly text: string;
}

function authorization({ accountSid, authToken }: EmulatorInfo): string {
  return `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString("base64")}`;
}

/** Sends a request with the account's credentials, unless it has an Authorization header. */
export function send(
  info: EmulatorInfo,
  { method, host, url, headers, body }: RawRequest,
): Promise<RawAnswer> {
  const { hostname, port } = new URL(info.url);
  const length = Buffer.byteLength(body);
  const all = { Authorization: authorization(info), ...headers, Host: host, "Content-Length": length };
  return new Promise((resolve, reject) => {
    const outgoing = request({ hostname, port, method, path: url, headers: all }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
      incoming.on("error", reject);
      incoming.on("end", () =>
        resolve({
          status: incoming.statusCode ?? 0,
          contentType: incoming.headers["content-type"],
          text: Buffer.concat(chunks).toString("utf8"),
        }),
      );
    });
    outgoing.on("error", reject).end(body);
  });
}
