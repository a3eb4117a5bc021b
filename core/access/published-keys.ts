import { createRemoteJWKSet, customFetch, type JWTPayload, jwtVerify } from "jose";
import { sendRequest } from "../http.ts";

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
const JWKS_TIMEOUT_MS = 3_000;

/** What a token must claim besides being signed. */
export interface PublishedKeysOptions {
  readonly issuer: string;
  readonly audience: string;
  readonly requiredClaims: string[];
  /** Seconds that the issuer's clock may differ from ours. */
  readonly clockTolerance: number;
}

/**
 * Verifies JSON Web Tokens with the keys that their issuer publishes (JWKS, RFC 7517). Rejects with jose's errors. A module
 * of its own, since loading jose takes 8 ms of a cold start and only these deployments need it.
 */
export function publishedKeysVerifier(
  url: URL,
  options: PublishedKeysOptions,
): (token: string) => Promise<JWTPayload> {
  const keys = createRemoteJWKSet(url, { timeoutDuration: JWKS_TIMEOUT_MS, [customFetch]: fetchKeys });
  return async (token) =>
    (await jwtVerify(token, keys, { ...options, algorithms: PUBLIC_KEY_ALGORITHMS })).payload;
}

/** Stands in for global `fetch`, whose first use costs more than the whole rest of the cold start. */
async function fetchKeys(url: string): Promise<Response> {
  const answer = await sendRequest({
    url,
    method: "GET",
    headers: { accept: "application/json" },
    timeoutMs: JWKS_TIMEOUT_MS,
  });
  return { status: answer.status, json: async () => JSON.parse(answer.body) } as Response;
}
