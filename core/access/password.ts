import { randomBytes, scrypt, timingSafeEqual } from "node:crypto";
import * as v from "valibot";
import { readEnvironment } from "../environment.ts";
import { NotFound, Unauthenticated } from "../errors.ts";
import { access } from "./access.ts";
import { Attempts } from "./attempts.ts";

/** A caller who sent a user name with its password. */
export interface PasswordCaller {
  readonly kind: "password";
  readonly identity: string;
}

interface PasswordHash {
  readonly cost: number;
  readonly salt: Buffer;
  readonly hash: Buffer;
}

const HASH_FORM = /^scrypt\$(\d{1,7})\$([A-Za-z0-9_-]{16,})\$([A-Za-z0-9_-]{43})$/;
const HASH_BYTES = 32;
const COST = 16_384;

/** scrypt needs 128 · N · r bytes; Node rejects more than `maxmem`. */
const MEMORY_BYTES = 128 * 1024 * 1024;

const passwordHash = v.pipe(
  v.string(),
  v.regex(HASH_FORM, "must be a hash made by `npm run hash-password`"),
  v.transform((text): PasswordHash => {
    const [, cost, salt, hash] = HASH_FORM.exec(text) ?? [];
    return {
      cost: Number(cost),
      salt: Buffer.from(salt ?? "", "base64url"),
      hash: Buffer.from(hash ?? "", "base64url"),
    };
  }),
);

const entries = {
  TOKEN_SERVICE_USERS: v.optional(
    v.pipe(
      v.string(),
      v.parseJson(undefined, 'must be a JSON object of users and hashes, such as {"alice":"scrypt$…"}'),
      v.check(
        (users) => typeof users === "object" && users !== null && !Array.isArray(users),
        "must be a JSON object",
      ),
      // Not v.record, which drops names such as __proto__: in a Map they are names like any other.
      v.transform((users) => Object.entries(users as object)),
      v.array(v.tuple([v.string(), passwordHash])),
      v.transform((users) => new Map(users)),
    ),
  ),
};

/** Compared with when the user is unknown, so that an unknown name takes as long as a wrong password. */
const UNKNOWN_USER: PasswordHash = { cost: COST, salt: randomBytes(16), hash: randomBytes(HASH_BYTES) };

/**
 * Accepts callers who send `identity` and `password` as fields and are in `TOKEN_SERVICE_USERS`, a JSON object of user
 * names and scrypt hashes. While that variable is unset the endpoint answers 404. Attempts are bounded: see {@link Attempts}.
 */
export const passwordOfUser = access<PasswordCaller>({
  schemes: ["fields identity and password"],
  entries,
  isConfigured: (environment) => Boolean(environment.TOKEN_SERVICE_USERS),
  open(environment) {
    const users = readEnvironment(entries, environment).TOKEN_SERVICE_USERS;
    const attempts = new Attempts();
    return async ({ fields }) => {
      if (users === undefined)
        throw new NotFound("not_configured", "The token service is switched off in this deployment.");
      const { identity, password } = fields;
      if (typeof identity !== "string" || typeof password !== "string") {
        throw new Unauthenticated("Give the fields identity and password.");
      }
      const user = users.get(identity);
      const matches = await attempts.make(identity, () => isPassword(password, user ?? UNKNOWN_USER));
      if (user === undefined || !matches) throw new Unauthenticated("Unknown identity or wrong password.");
      return { kind: "password", identity };
    };
  },
});

/** Hashes a password for `TOKEN_SERVICE_USERS`. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const hash = await derive(password, salt, COST);
  return `scrypt$${COST}$${salt.toString("base64url")}$${hash.toString("base64url")}`;
}

async function isPassword(password: string, { cost, salt, hash }: PasswordHash): Promise<boolean> {
  return timingSafeEqual(await derive(password, salt, cost), hash);
}

function derive(password: string, salt: Buffer, cost: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(password, salt, HASH_BYTES, { N: cost, maxmem: MEMORY_BYTES }, (error, key) =>
      error ? reject(error) : resolve(key),
    );
  });
}
