/*
 * Packets of the SDK's transport: one WebSocket message each, "TWILSOCK V3.0", the length of a header in JSON, the
 * header, and a payload whose length in bytes is in the header.
 */

/** A packet from a client. The header is a map because its keys come from outside. */
export interface Packet {
  readonly id: string;
  readonly method: string;
  readonly header: ReadonlyMap<string, unknown>;
  readonly payload: Buffer;
}

const magic = "TWILSOCK V3.0 ";
const separator = "\r\n";
/** Bytes; far more than the SDK sends: the longest part of a header is the access token. */
const longestHeader = 64 * 1024;

/** Parses a packet; undefined for anything else. */
export function readPacket(bytes: Buffer): Packet | undefined {
  const end = bytes.subarray(0, 32).indexOf(separator);
  const line = bytes.subarray(0, Math.max(end, 0)).toString("latin1");
  if (!line.startsWith(magic) || !/^\d{1,6}$/.test(line.slice(magic.length))) return undefined;
  const length = Number(line.slice(magic.length));
  const begin = end + separator.length;
  if (length > longestHeader || bytes.length < begin + length) return undefined;
  const header = readObject(bytes.subarray(begin, begin + length));
  const [id, method, size] = ["id", "method", "payload_size"].map((name) => header?.get(name));
  if (header === undefined || typeof id !== "string" || typeof method !== "string") return undefined;
  const from = begin + length + separator.length;
  const payload = bytes.subarray(from, from + (typeof size === "number" ? size : 0));
  return { id, method, header, payload };
}

/** Serializes a packet; the payload becomes JSON. */
export function writePacket(header: object, payload?: unknown): Buffer {
  const body = payload === undefined ? "" : JSON.stringify(payload);
  const type = payload === undefined ? {} : { payload_type: "application/json" };
  const head = JSON.stringify({ ...header, ...type, payload_size: Buffer.byteLength(body) });
  return Buffer.from(`${magic}${Buffer.byteLength(head)}${separator}${head}${separator}${body}`);
}

/** The entries of a JSON object; undefined for anything else. */
export function readObject(bytes: Buffer): ReadonlyMap<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(bytes.toString("utf8"));
    if (typeof value === "object" && value !== null && !Array.isArray(value))
      return new Map(Object.entries(value));
  } catch {
    // Treated like JSON that is not an object.
  }
  return undefined;
}
