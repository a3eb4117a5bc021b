import type { JWTPayload } from "jose";
import * as v from "valibot";
import { type EnvironmentOf, readEnvironment, urlVariable } from "../environment.ts";
import { Forbidden, type HandlerError, Misconfigured, Unauthenticated, UpstreamFailed } from "../errors.ts";
import type { Request } from "../request.ts";
import { type Access, access } from "./access.ts";
import { hs256Verifier, TokenRejected } from "./hs256.ts";

/** A user or service with a verified JSON Web Token. */
export interface BearerCaller {
  readonly kind: "bearer";
  /** The verified claims. The issuer chooses their names: index them only by names from the deployment's settings. */
  readonly claims: JWTPayload;
  readonly scopes: ReadonlySet<string>;
}

const entries = {
  JWT_JWKS_URL: v.optional(urlVariable()),
  JWT_SECRET: v.optional(
    v.pipe(v.string(), v.minLength(32, "must have at least 32 characters (RFC 7518, 3.2)")),
  ),
  JWT_ISSUER: v.optional(v.string()),
  JWT_AUDIENCE: v.optional(v.string()),
};

const CLOCK_SKEW_SECONDS = 5;

/**
 * Accepts requests with `Authorization: Bearer` and a JWT of the company's own issuer.
 *
 * Variables: `JWT_JWKS_URL` with `JWT_ISSUER` and `JWT_AUDIENCE`, or `JWT_SECRET` (HS256) with either or neither.
 * A token must have an expiry. Scopes are read from `scope` (RFC 8693), `scp` or `permissions`.
 *
 * @param scope What the token must allow, such as `conversations:write`. Any valid token is accepted if it is omitted.
 */
export function bearer(scope?: string): Access<BearerCaller> {
  return access<BearerCaller>({
    schemes: [scope ? `Authorization: Bearer (scope ${scope})` : "Authorization: Bearer"],
    entries,
    enabledBy: ["JWT_SECRET", "JWT_JWKS_URL with JWT_ISSUER and JWT_AUDIENCE"],
    challenge: "Bearer",
    isConfigured: (environment) => Boolean(environment.JWT_JWKS_URL || environment.JWT_SECRET),
    open(environment) {
      const verifyToken = tokenVerifier(readEnvironment(entries, environment));
      return async (request) => {
        const token = bearerToken(request);
        if (token === undefined) return undefined;
        const claims = await verifyToken(token);
        const scopes = scopesOf(claims);
        if (scope && !scopes.has(scope)) {
          throw new Forbidden("insufficient_scope", `The bearer token lacks the scope ${scope}.`);
        }
        return { kind: "bearer", claims, scopes };
      };
    },
  });
}

/** The token of an `Authorization: Bearer` header (RFC 6750), or `undefined` when there is no such header. */
export function bearerToken(request: Request): string | undefined {
  const header = request.headers.get("authorization");
  if (header === undefined) return undefined;
  const token = /^Bearer +([^\s]+)$/i.exec(header)?.[1];
  if (token === undefined) throw new Unauthenticated('The Authorization header must read "Bearer <token>".');
  return token;
}

function tokenVerifier(env: EnvironmentOf<typeof entries>): (token: string) => Promise<JWTPayload> {
  const { JWT_JWKS_URL: url, JWT_SECRET: secret, JWT_ISSUER: issuer, JWT_AUDIENCE: audience } = env;
  const options = { requiredClaims: ["exp"], clockTolerance: CLOCK_SKEW_SECONDS };
  if (url !== undefined && secret !== undefined) {
    throw new Misconfigured("Environment: set JWT_JWKS_URL or JWT_SECRET, not both.");
  }
  if (secret !== undefined) {
    const verify = hs256Verifier(secret, { ...options, issuer, audience });
    return (token) => verified(async () => verify(token));
  }
  if (url === undefined) throw new Misconfigured("Environment: JWT_JWKS_URL or JWT_SECRET is missing.");
  if (issuer === undefined || audience === undefined) {
    // An issuer signs for many applications with one key set; without both, their tokens would be accepted here too.
    throw new Misconfigured("Environment: JWT_ISSUER and JWT_AUDIENCE are needed beside JWT_JWKS_URL.");
  }
  const verifier = import("./published-keys.ts").then(({ publishedKeysVerifier }) =>
    publishedKeysVerifier(new URL(url), { ...options, issuer, audience }),
  );
  return (token) => verified(async () => (await verifier)(token));
}

async function verified(verify: () => Promise<JWTPayload>): Promise<JWTPayload> {
  try {
    return await verify();
  } catch (cause) {
    throw rejection(cause);
  }
}

function rejection(cause: unknown): HandlerError {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  if (code === "ERR_JWT_EXPIRED" || (cause instanceof TokenRejected && cause.isExpired)) {
    return new Unauthenticated("The bearer token has expired. Get a new one from its issuer.", {
      code: "token_expired",
      cause,
    });
  }
  // Not ERR_JWKS_TIMEOUT and ERR_JWKS_INVALID, for which the issuer is to blame.
  const isAboutTheToken = /^ERR_(JW[TS]|JOSE_(ALG|NOT)|JWKS_NO_MATCHING|JWKS_MULTIPLE)/.test(code);
  if (cause instanceof TokenRejected || isAboutTheToken) {
    return new Unauthenticated("The bearer token is not valid for this service.", {
      code: "invalid_token",
      cause,
    });
  }
  return new UpstreamFailed("The issuer's keys that verify the bearer token are not available right now.", {
    cause,
  });
}

function scopesOf(claims: JWTPayload): Set<string> {
  const scopes = new Set<string>();
  for (const claim of [claims.scope, claims.scp, claims.permissions]) {
    const values = typeof claim === "string" ? claim.split(" ") : Array.isArray(claim) ? claim : [];
    for (const value of values) if (typeof value === "string" && value !== "") scopes.add(value);
  }
  return scopes;
}
