import { createHash } from "node:crypto";
import { isSid, type Sid } from "./sid.ts";

/** A stream of identifiers. The same seed gives the same identifiers in the same order. */
export interface Ids {
  /** A SID: `prefix` (two letters, "CH") and 32 hexadecimal digits. */
  sid<Prefix extends string>(prefix: Prefix): Sid<Prefix>;
  /** 32 hexadecimal digits. */
  hex(): string;
  /** A random (version 4) UUID. */
  uuid(): string;
  /** Makes `sid` the next SID of its prefix. */
  reserve(sid: string): void;
  /** The position of the stream, to continue from. */
  position(): StreamPosition;
}

/** Four words of 32 bits. */
export type StreamPosition = readonly [number, number, number, number];

/**
 * Starts a stream of identifiers for `seed`, any text, or continues from a position. Not suitable for secrets: it is
 * predictable.
 */
export function createIds(seed: string | StreamPosition): Ids {
  const { next, position } = generator(typeof seed === "string" ? seededPosition(seed) : seed);
  const bytes = Buffer.alloc(16);
  const hex = () => {
    for (let at = 0; at < bytes.length; at += 4) bytes.writeUInt32BE(next(), at);
    return bytes.toString("hex");
  };
  const reserved = new Map<string, string>();
  return {
    sid(prefix) {
      const sid = reserved.get(prefix);
      reserved.delete(prefix);
      return isSid(prefix, sid) ? sid : `${prefix}${hex()}`;
    },
    reserve: (sid) => void reserved.set(sid.slice(0, 2), sid),
    hex,
    position,
    uuid() {
      const h = hex();
      const variant = "89ab".charAt(Number.parseInt(h.charAt(16), 16) & 3);
      return `${h.slice(0, 8)}-${h.slice(8, 12)}-4${h.slice(13, 16)}-${variant}${h.slice(17, 20)}-${h.slice(20)}`;
    },
  };
}

function seededPosition(seed: string): StreamPosition {
  const digest = createHash("sha256").update(seed).digest();
  return [digest.readUInt32LE(0), digest.readUInt32LE(4), digest.readUInt32LE(8), digest.readUInt32LE(12)];
}

/** xoshiro128**, Blackman and Vigna: 32 bits a call, a period of 2^128 - 1, so SIDs do not repeat. */
function generator(from: StreamPosition): { next: () => number; position: () => StreamPosition } {
  let [a, b, c, d] = from;
  const next = () => {
    const result = Math.imul(rotate(Math.imul(b, 5), 7), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = rotate(d, 11);
    return result;
  };
  return { next, position: () => [a, b, c, d] };
}

function rotate(value: number, by: number): number {
  return (value << by) | (value >>> (32 - by));
}
