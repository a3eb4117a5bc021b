import { createHmac, hkdfSync, timingSafeEqual } from "node:crypto";
import * as v from "valibot";
import { type Environment, listVariable, readEnvironment, secret } from "../environment.ts";
import { Misconfigured } from "../errors.ts";

/**
 * Variables of the keys: `STATE_SECRET`, a list separated by commas, or else the secret that authenticates requests to
 * Twilio.
 */
export const keyEntries = {
  STATE_SECRET: v.optional(
    v.pipe(listVariable(), v.minLength(1, "must contain at least one secret"), v.array(secret())),
  ),
  TWILIO_API_KEY_SECRET: v.optional(secret()),
  AUTH_TOKEN: v.optional(secret()),
};

const MAC_BYTES = 16;
const KEY_ID_BYTES = 4;

/** One secret, and the keys that are derived from it: one for each purpose (HKDF, RFC 5869). */
class Key {
  /** Identifies this key in a record. It reveals nothing about the secret. */
  readonly id: string;
  readonly #secret: string;
  readonly #derived = new Map<string, Buffer>();

  constructor(secret: string) {
    this.#secret = secret;
    this.id = this.#derive("key-id", KEY_ID_BYTES).toString("base64url");
  }

  /** A MAC of texts: 128 bits of HMAC-SHA256 in Base64url. JSON separates the texts. */
  mac(purpose: string, parts: readonly string[]): string {
    const key = this.#derived.get(purpose) ?? this.#derive(purpose, 32);
    this.#derived.set(purpose, key);
    const mac = createHmac("sha256", key).update(JSON.stringify(parts)).digest();
    return mac.subarray(0, MAC_BYTES).toString("base64url");
  }

  #derive(purpose: string, bytes: number): Buffer {
    return Buffer.from(hkdfSync("sha256", this.#secret, "parley", purpose, bytes));
  }
}

/** The keys of a deployment. */
export interface Keys {
  /** Signs. */
  readonly first: Key;
  /** All that verify, by their id. */
  readonly byId: ReadonlyMap<string, Key>;
  /** Derives names. During a rotation it is the key that all instances have. */
  readonly last: Key;
  /** Whether they are derived from the API key's secret (or the auth token), whose rotation invalidates signed records. */
  readonly areBorrowed: boolean;
}

/** Reads the keys. @throws {Misconfigured} when there is no secret at all. */
export function readKeys(environment: Environment): Keys {
  const env = readEnvironment(keyEntries, environment);
  const borrowed = env.TWILIO_API_KEY_SECRET ?? env.AUTH_TOKEN;
  const secrets = env.STATE_SECRET ?? (borrowed === undefined ? [] : [borrowed]);
  const keys = secrets.map((one) => new Key(one));
  const [first, last] = [keys[0], keys.at(-1)];
  if (first === undefined || last === undefined) {
    throw new Misconfigured("Environment: set STATE_SECRET, or TWILIO_API_KEY_SECRET, or AUTH_TOKEN.");
  }
  return {
    first,
    byId: new Map(keys.map((key) => [key.id, key])),
    last,
    areBorrowed: env.STATE_SECRET === undefined,
  };
}

/** Compares two MACs in constant time. */
export function isSameMac(a: string, b: string): boolean {
  const [one, other] = [Buffer.from(a), Buffer.from(b)];
  return one.length === other.length && timingSafeEqual(one, other);
}
