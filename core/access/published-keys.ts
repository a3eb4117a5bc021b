import { createRemoteJWKSet, customFetch, type JWTPayload, jwtVerify } from "jose";
import { sendRequest } from "../http.ts";

/** Algorithms of issuers that publish their keys: no symmetric ones, so that no public key can be used as a secret. */
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
const JWKS_TIMEOUT_MS = 3_000;

/** The claims that a token must have. */
export interface PublishedKeysOptions {
  readonly issuer: string;
  readonly audience: string;
  readonly requiredClaims: string[];
  /** Seconds by which the issuer's clock may differ from ours. */
  readonly clockTolerance: number;
}

/**
 * Verifies JSON Web Tokens with the keys that their issuer publishes (JWKS, RFC 7517). Rejects with jose's errors. A
 * separate module, since loading jose takes 8 ms of a cold start and only these deployments need it.
 */
export function publishedKeysVerifier(
  url: URL,
  options: PublishedKeysOptions,
): (token: string) => Promise<JWTPayload> {
  const keys = createRemoteJWKSet(url, { timeoutDuration: JWKS_TIMEOUT_MS, [customFetch]: fetchKeys });
  return async (token) =>
    (await jwtVerify(token, keys, { ...options, algorithms: PUBLIC_KEY_ALGORITHMS })).payload;
}

/** Replaces global `fetch`, whose first use takes longer than the rest of the cold start. */
async function fetchKeys(url: string): Promise<Response> {
  const answer = await sendRequest({
    url,
    method: "GET",
    headers: { accept: "application/json" },
    timeoutMs: JWKS_TIMEOUT_MS,
  });
  return { status: answer.status, json: async () => JSON.parse(answer.body) } as Response;
}
