import { createHmac, timingSafeEqual } from "node:crypto";
import type { Service } from "./account-model.ts";
import { objectEntries } from "./content.ts";
import { checkIdentity } from "./identity.ts";
import type { Resources } from "./resources.ts";
import { tokenRules } from "./rules/token.ts";

const maxLifetimeSeconds = 24 * 60 * 60;

/** The user of a valid access token. `expiresAt` is in milliseconds since the epoch. */
export interface TokenBearer {
  readonly identity: string;
  readonly service: Service;
  readonly expiresAt: number;
  /** The credential for push registrations of their devices. */
  readonly pushCredentialSid: string | undefined;
}

/**
 * Verifies an access token for Conversations: HS256 with the secret of the API key that issued it, for this
 * account, not expired by the emulator's clock, at most 24 hours long, with an identity and a chat grant for a
 * service of the account ("Create Access Tokens for Conversations").
 */
export function verifyAccessToken(resources: Resources, token: string): TokenBearer {
  const [header, payload, signature, ...rest] = token.split(".");
  if (header === undefined || payload === undefined || signature === undefined || rest.length > 0) {
    throw tokenRules.malformed();
  }
  checkHeader(decode(header));
  const claims = decode(payload);
  checkSignature(resources, claims, `${header}.${payload}`, signature);
  const expiresAt = checkLifetime(resources, claims);
  const grants = objectEntries(claims.get("grants"));
  if (grants === undefined) throw tokenRules.grants();
  const chat = objectEntries(grants.get("chat"));
  if (chat === undefined) throw tokenRules.grants();
  const serviceSid = chat.get("service_sid");
  if (typeof serviceSid !== "string") throw tokenRules.serviceMissing();
  const service = resources.services.get(serviceSid);
  if (service === undefined) throw tokenRules.serviceNotFound();
  const identity = grants.get("identity");
  if (typeof identity !== "string" || identity === "") throw tokenRules.identityMissing();
  const credential = chat.get("push_credential_sid");
  const pushCredentialSid = typeof credential === "string" ? credential : undefined;
  return { identity: checkIdentity(identity), service, expiresAt, pushCredentialSid };
}

function checkHeader(header: ReadonlyMap<string, unknown>): void {
  const valid =
    header.get("alg") === "HS256" && header.get("typ") === "JWT" && header.get("cty") === "twilio-fpa;v=1";
  if (!valid) throw tokenRules.header();
}

function checkSignature(
  resources: Resources,
  claims: ReadonlyMap<string, unknown>,
  signed: string,
  signature: string,
): void {
  const secret = resources.account.apiKeys.get(String(claims.get("iss")));
  if (secret === undefined || claims.get("sub") !== resources.account.sid) throw tokenRules.issuerOrSubject();
  const expected = createHmac("sha256", secret).update(signed).digest();
  const given = Buffer.from(signature, "base64url");
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) throw tokenRules.signature();
}

function checkLifetime(resources: Resources, claims: ReadonlyMap<string, unknown>): number {
  const now = resources.clock.now() / 1000;
  const expires = claims.get("exp");
  const begins = claims.get("nbf") ?? claims.get("iat");
  if (typeof expires !== "number" || !Number.isFinite(expires) || expires <= now) throw tokenRules.expired();
  if (typeof begins === "number" && begins > now + clockSkewSeconds) throw tokenRules.notYetValid();
  const lifetime = expires - (typeof begins === "number" ? begins : now);
  if (lifetime > maxLifetimeSeconds) throw tokenRules.lifetimeTooLong();
  return expires * 1000;
}

/** Allowed difference between two clocks; its size is assumed. */
const clockSkewSeconds = 60;

function decode(part: string): ReadonlyMap<string, unknown> {
  try {
    const entries = objectEntries(JSON.parse(Buffer.from(part, "base64url").toString("utf8")));
    if (entries !== undefined) return entries;
  } catch {
    // Rejected like JSON that is not an object.
  }
  throw tokenRules.malformed();
}
