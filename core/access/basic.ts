import { createHash, timingSafeEqual } from "node:crypto";
import * as v from "valibot";
import { readEnvironment } from "../environment.ts";
import { Forbidden, Unauthenticated } from "../errors.ts";
import type { Request } from "../request.ts";
import { type Access, access } from "./access.ts";

/** A tool that sent a user name and password of `BASIC_CREDENTIALS`. */
export interface BasicCaller {
  readonly kind: "basic";
  readonly name: string;
}

/** What `npm run credentials` prints for a tool: the password's hash and its scopes. */
const FORM = /^sha256\$([A-Za-z0-9_-]{43})\$([\w:-]+(?: [\w:-]+)*)$/;

const credential = v.pipe(
  v.string(),
  v.regex(FORM, "must be an entry made by `npm run credentials`"),
  v.transform((text) => {
    const [, hash = "", scopes = ""] = FORM.exec(text) ?? [];
    return { hash: Buffer.from(hash, "base64url"), scopes: new Set(scopes.split(" ")) };
  }),
);

const entries = {
  BASIC_CREDENTIALS: v.optional(
    v.pipe(
      v.string(),
      v.parseJson(undefined, 'must be a JSON object of names and entries, such as {"crm":"sha256$…"}'),
      v.check(
        (all) => typeof all === "object" && all !== null && !Array.isArray(all),
        "must be a JSON object",
      ),
      // Not v.record, which drops names such as __proto__: in a Map they are names like any other.
      v.transform((all) => Object.entries(all as object)),
      v.array(v.tuple([v.string(), credential])),
      v.transform((all) => new Map(all)),
    ),
    "{}",
  ),
};

/** Compared with when the name is unknown, so that an unknown name takes as long as a wrong password. */
const UNKNOWN_USER = hashOf("");

/**
 * Accepts requests with `Authorization: Basic` (RFC 7617), for tools that can send credentials only in a URL.
 *
 * Variables: `BASIC_CREDENTIALS`, a JSON object of names and entries that `npm run credentials` makes. Each password is random
 * with 192 bits, so its SHA-256 needs neither salt nor many rounds.
 *
 * @param scope What the entry must allow, such as `conversations:write`.
 */
export function basic(scope: string): Access<BasicCaller> {
  return access<BasicCaller>({
    schemes: [`Authorization: Basic (scope ${scope})`],
    entries,
    challenge: 'Basic realm="Parley", charset="UTF-8"',
    isConfigured: (environment) => Boolean(environment.BASIC_CREDENTIALS),
    open(environment) {
      const { BASIC_CREDENTIALS: all } = readEnvironment(entries, environment);
      return async (request) => {
        const given = givenIn(request);
        if (given === undefined) return undefined;
        const found = all.get(given.name);
        const matches = timingSafeEqual(hashOf(given.password), found?.hash ?? UNKNOWN_USER);
        if (found === undefined || !matches) throw new Unauthenticated("Unknown name or wrong password.");
        if (!found.scopes.has(scope)) {
          throw new Forbidden("insufficient_scope", `These credentials lack the scope ${scope}.`);
        }
        return { kind: "basic", name: given.name };
      };
    },
  });
}

/** An entry of `BASIC_CREDENTIALS`. */
export const basicEntry = (password: string, scopes: readonly string[]): string =>
  `sha256$${hashOf(password).toString("base64url")}$${scopes.join(" ")}`;

function hashOf(password: string): Buffer {
  return createHash("sha256").update(password, "utf8").digest();
}

/** @throws {Unauthenticated} for a header of this kind that cannot be read. */
function givenIn({ headers }: Request): { readonly name: string; readonly password: string } | undefined {
  const header = headers.get("authorization");
  if (header === undefined || !/^Basic\b/i.test(header)) return undefined;
  const [, encoded = ""] = /^Basic +([A-Za-z0-9+/_=-]+)$/i.exec(header) ?? [];
  const text = Buffer.from(encoded, "base64").toString("utf8");
  const colon = text.indexOf(":");
  if (colon === -1) {
    throw new Unauthenticated('The Authorization header must read "Basic" and the Base64 of name:password.');
  }
  return { name: text.slice(0, colon), password: text.slice(colon + 1) };
}
