import { createSecretKey } from "node:crypto";
import { createRemoteJWKSet, customFetch, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from "jose";
import * as v from "valibot";
import { type EnvironmentOf, readEnvironment, urlVariable } from "../environment.ts";
import { Forbidden, type HandlerError, Misconfigured, Unauthenticated, UpstreamFailed } from "../errors.ts";
import type { Request } from "../request.ts";
import { type Access, access } from "./access.ts";

/** A user or service that brought a verified JSON Web Token. */
export interface BearerCaller {
  readonly kind: "bearer";
  /** The verified claims. Written by the issuer, so index them by the deployment's names alone. */
  readonly claims: JWTPayload;
  readonly scopes: ReadonlySet<string>;
}

const entries = {
  JWT_JWKS_URL: v.optional(urlVariable()),
  JWT_SECRET: v.optional(
    v.pipe(v.string(), v.minLength(32, "must have 32 characters at least (RFC 7518, 3.2)")),
  ),
  JWT_ISSUER: v.optional(v.string()),
  JWT_AUDIENCE: v.optional(v.string()),
};

/** What an issuer that publishes its keys may sign with: nothing symmetric, so no public key can serve as a secret. */
const PUBLIC_KEY_ALGORITHMS = [
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
  "Ed25519",
];
const CLOCK_SKEW_SECONDS = 5;
const JWKS_TIMEOUT_MS = 3_000;

/**
 * Lets in requests with `Authorization: Bearer` and a JWT of the company's own issuer.
 *
 * Variables: `JWT_JWKS_URL` with `JWT_ISSUER` and `JWT_AUDIENCE`, or `JWT_SECRET` (HS256) with either or neither.
 * A token must have an expiry. Scopes are read from `scope` (RFC 8693), `scp` or `permissions`.
 *
 * @param scope What the token must allow, such as `conversations:write`. Without one, any valid token will do.
 */
export function bearer(scope?: string): Access<BearerCaller> {
  return access<BearerCaller>({
    schemes: [scope ? `Authorization: Bearer (scope ${scope})` : "Authorization: Bearer"],
    variables: Object.keys(entries),
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
  const claims = {
    ...(env.JWT_ISSUER !== undefined && { issuer: env.JWT_ISSUER }),
    ...(env.JWT_AUDIENCE !== undefined && { audience: env.JWT_AUDIENCE }),
    requiredClaims: ["exp"],
    clockTolerance: CLOCK_SKEW_SECONDS,
  };
  if (env.JWT_JWKS_URL !== undefined && env.JWT_SECRET !== undefined) {
    throw new Misconfigured("Environment: set JWT_JWKS_URL or JWT_SECRET, not both.");
  }
  if (env.JWT_SECRET !== undefined) {
    // A KeyObject, since raw bytes would be imported anew for every token, on another thread.
    const key = createSecretKey(env.JWT_SECRET, "utf8");
    return (token) => verified(jwtVerify(token, key, { ...claims, algorithms: ["HS256"] }));
  }
  if (env.JWT_JWKS_URL === undefined)
    throw new Misconfigured("Environment: JWT_JWKS_URL or JWT_SECRET is missing.");
  if (env.JWT_ISSUER === undefined || env.JWT_AUDIENCE === undefined) {
    // An issuer signs for many applications with one key set; without both, their tokens would open this one too.
    throw new Misconfigured("Environment: JWT_ISSUER and JWT_AUDIENCE are needed beside JWT_JWKS_URL.");
  }
  const keys = publishedKeys(new URL(env.JWT_JWKS_URL));
  return (token) => verified(jwtVerify(token, keys, { ...claims, algorithms: PUBLIC_KEY_ALGORITHMS }));
}

function publishedKeys(url: URL): JWTVerifyGetKey {
  return createRemoteJWKSet(url, { timeoutDuration: JWKS_TIMEOUT_MS, [customFetch]: fetchKeys });
}

/** Stands in for global `fetch`, whose first use costs more than the whole rest of the cold start. */
async function fetchKeys(url: string): Promise<Response> {
  const { sendRequest } = await import("../http.ts");
  const answer = await sendRequest({
    url,
    method: "GET",
    headers: { accept: "application/json" },
    timeoutMs: JWKS_TIMEOUT_MS,
  });
  return { status: answer.status, json: async () => JSON.parse(answer.body) } as Response;
}

async function verified(verification: Promise<{ payload: JWTPayload }>): Promise<JWTPayload> {
  try {
    return (await verification).payload;
  } catch (cause) {
    throw refusal(cause);
  }
}

function refusal(cause: unknown): HandlerError {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  if (code === "ERR_JWT_EXPIRED") {
    return new Unauthenticated("The bearer token has expired. Get a new one from its issuer.", {
      code: "token_expired",
      cause,
    });
  }
  const isAboutTheToken = /^ERR_(JW[TS]|JOSE_(ALG|NOT)|JWKS_NO_MATCHING|JWKS_MULTIPLE)/.test(code);
  if (isAboutTheToken && code !== "ERR_JWKS_TIMEOUT" && code !== "ERR_JWKS_INVALID") {
    return new Unauthenticated("The bearer token is not valid for this service.", {
      code: "invalid_token",
      cause,
    });
  }
  return new UpstreamFailed(
    "The keys to verify the bearer token with cannot be had from its issuer right now.",
    { cause },
  );
}

function scopesOf(claims: JWTPayload): Set<string> {
  const scopes = new Set<string>();
  for (const claim of [claims.scope, claims.scp, claims.permissions]) {
    const values = typeof claim === "string" ? claim.split(" ") : Array.isArray(claim) ? claim : [];
    for (const value of values) if (typeof value === "string" && value !== "") scopes.add(value);
  }
  return scopes;
}
