/*
 * Values in DER, the binary form of X.509 (ITU-T X.690): a tag, the length, the content. Only the types that a
 * certificate needs.
 */

/** A sequence of values. */
export function sequence(...values: readonly Buffer[]): Buffer {
  return tagged(0x30, ...values);
}

/** A set of one value. */
export function setOf(value: Buffer): Buffer {
  return tagged(0x31, value);
}

/** A value under a context-specific tag: `[number]`. */
export function context(number: number, ...values: readonly Buffer[]): Buffer {
  return tagged(0xa0 | number, ...values);
}

/** Bytes under a context-specific tag instead of their own (implicit tagging). */
export function implicit(number: number, bytes: Buffer): Buffer {
  return tagged(0x80 | number, bytes);
}

/** A number that is not negative, by its bytes, the highest first. */
export function integer(bytes: Buffer): Buffer {
  return tagged(0x02, (bytes[0] ?? 0) < 0x80 ? bytes : Buffer.concat([Buffer.of(0), bytes]));
}

export const truth = tagged(0x01, Buffer.of(0xff));

/** Bits; the last `unused` of them do not count. */
export function bitString(bytes: Buffer, unused = 0): Buffer {
  return tagged(0x03, Buffer.of(unused), bytes);
}

export function octetString(bytes: Buffer): Buffer {
  return tagged(0x04, bytes);
}

export function utf8(text: string): Buffer {
  return tagged(0x0c, Buffer.from(text, "utf8"));
}

/** A moment, to the second, before 2050. */
export function utcTime(ms: number): Buffer {
  const digits = new Date(ms).toISOString().replace(/\D/g, "");
  return tagged(0x17, Buffer.from(`${digits.slice(2, 14)}Z`, "ascii"));
}

/** An object identifier: "2.5.4.3". */
export function objectId(text: string): Buffer {
  const [first = 0, second = 0, ...rest] = text.split(".").map(Number);
  return tagged(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

function base128(value: number): number[] {
  const bytes = [value & 0x7f];
  for (let left = value >>> 7; left > 0; left >>>= 7) bytes.unshift((left & 0x7f) | 0x80);
  return bytes;
}

function tagged(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  return Buffer.concat([Buffer.of(tag), length(content.length), content]);
}

function length(value: number): Buffer {
  if (value < 0x80) return Buffer.of(value);
  const digits = value.toString(16);
  const bytes = Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, "hex");
  return Buffer.concat([Buffer.of(0x80 | bytes.length), bytes]);
}
