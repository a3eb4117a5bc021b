import { createHmac, createSecretKey, type KeyObject } from "node:crypto";
import * as v from "valibot";
import { integerVariable, readEnvironment, secret, sidVariable } from "../environment.ts";
import { Forbidden } from "../errors.ts";
import type { Resource } from "../handler.ts";
import type { Sid } from "../sid.ts";

/** What a Conversations access token grants. */
export interface ConversationsGrant {
  /** Who the token is for: 1 to 256 characters. */
  readonly identity: string;
  /** The Conversations service, `IS…`. */
  readonly serviceSid: Sid<"IS">;
  /** The push credential, `CR…`, for devices that get push notifications. */
  readonly pushCredentialSid?: Sid<"CR"> | undefined;
}

/**
 * Makes a signer of access tokens for the Conversations SDKs: JWTs with Twilio's own header, signed with an API
 * key's secret (HS256). The result equals what the official package's `AccessToken` makes, byte for byte.
 *
 * @returns a function from grant, lifetime in seconds and the current time in seconds since the epoch to the token.
 * @see https://www.twilio.com/docs/iam/access-tokens
 */
export function accessTokenSigner(account: {
  accountSid: Sid<"AC">;
  apiKeySid: Sid<"SK">;
  apiKeySecret: string;
}) {
  const key: KeyObject = createSecretKey(account.apiKeySecret, "utf8");
  const header = base64url({ alg: "HS256", typ: "JWT", cty: "twilio-fpa;v=1" });
  return (grant: ConversationsGrant, ttl: number, now: number): string => {
    const payload = base64url({
      jti: `${account.apiKeySid}-${now}`,
      grants: {
        identity: grant.identity,
        chat: { service_sid: grant.serviceSid, push_credential_sid: grant.pushCredentialSid },
      },
      iat: now,
      exp: now + ttl,
      iss: account.apiKeySid,
      sub: account.accountSid,
    });
    const content = `${header}.${payload}`;
    return `${content}.${createHmac("sha256", key).update(content).digest("base64url")}`;
  };
}

const base64url = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");

/** Twilio's own advice for lifetimes (docs: Best practices using the Conversations SDK), in seconds. */
const SHORTEST_TTL = 20 * 60;
const LONGEST_TTL = 24 * 60 * 60;
const DEFAULT_TTL = "3600";

/** Kinds of devices that get push notifications, each with its own push credential. */
export const PLATFORMS = ["ios", "android", "web"] as const;
export type Platform = (typeof PLATFORMS)[number];

/** An access token with its expiry, identity and service. Flat, since it is the endpoint's answer. */
export type IssuedToken = {
  readonly token: string;
  readonly identity: string;
  /** ISO 8601. */
  readonly expiresAt: string;
  /** Seconds. */
  readonly ttl: number;
  readonly serviceSid: Sid<"IS">;
};

/** Issues a token for a verified identity. `ttl` is in seconds and is limited to between 20 minutes and 24 hours. */
export type IssueToken = (
  identity: string,
  wanted?: { ttl?: number | undefined; platform?: Platform | undefined },
) => IssuedToken;

const entries = {
  ACCOUNT_SID: sidVariable("AC"),
  TWILIO_API_KEY_SID: sidVariable("SK"),
  TWILIO_API_KEY_SECRET: secret(),
  CHAT_SERVICE_SID: sidVariable("IS"),
  TOKEN_TTL: v.optional(integerVariable(SHORTEST_TTL, LONGEST_TTL), DEFAULT_TTL),
  PUSH_CREDENTIAL_SID_IOS: v.optional(sidVariable("CR")),
  PUSH_CREDENTIAL_SID_ANDROID: v.optional(sidVariable("CR")),
  PUSH_CREDENTIAL_SID_WEB: v.optional(sidVariable("CR")),
};

/**
 * Access tokens of the configured service.
 *
 * Variables: `ACCOUNT_SID`, `TWILIO_API_KEY_SID`, `TWILIO_API_KEY_SECRET`, `CHAT_SERVICE_SID`; `TOKEN_TTL` in seconds
 * (3600); `PUSH_CREDENTIAL_SID_IOS`, `_ANDROID` and `_WEB` for push notifications.
 */
export const accessTokens: Resource<IssueToken> = {
  entries,
  open(environment) {
    const env = readEnvironment(entries, environment);
    const sign = accessTokenSigner({
      accountSid: env.ACCOUNT_SID,
      apiKeySid: env.TWILIO_API_KEY_SID,
      apiKeySecret: env.TWILIO_API_KEY_SECRET,
    });
    const pushCredentialSids: Record<Platform, Sid<"CR"> | undefined> = {
      ios: env.PUSH_CREDENTIAL_SID_IOS,
      android: env.PUSH_CREDENTIAL_SID_ANDROID,
      web: env.PUSH_CREDENTIAL_SID_WEB,
    };
    const issue: IssueToken = (identity, wanted = {}) => {
      const now = Math.floor(Date.now() / 1_000);
      const ttl = Math.min(Math.max(wanted.ttl ?? env.TOKEN_TTL, SHORTEST_TTL), LONGEST_TTL);
      const grant = {
        identity: checkedIdentity(identity),
        serviceSid: env.CHAT_SERVICE_SID,
        pushCredentialSid: wanted.platform && pushCredentialSids[wanted.platform],
      };
      const expiresAt = new Date((now + ttl) * 1_000).toISOString();
      return { token: sign(grant, ttl, now), identity, expiresAt, ttl, serviceSid: env.CHAT_SERVICE_SID };
    };
    return () => issue;
  },
};

/** Looks like an address of a channel, and could be taken for a person's phone in a conversation. */
const ADDRESS = /^(\+\d|(whatsapp|messenger|rcs|sms|mms|tel|viber|instagram|line|telegram):)/i;
const SID = /^[a-z]{2}[0-9a-f]{32}$/i;
/** Control and format characters, such as zero-width ones, which make two identities look the same. */
const INVISIBLE = /[\p{Cc}\p{Cf}]/u;

/** @throws {Forbidden} for an identity that is reserved by Twilio (errors 50204, 50206, 50207) or by the handlers. */
function checkedIdentity(identity: string): string {
  const plain = identity.normalize("NFKC").trim();
  const isReserved = plain.toLowerCase() === "system" || ADDRESS.test(plain) || SID.test(plain);
  if (plain === "" || identity.length > 256 || INVISIBLE.test(identity) || isReserved) {
    throw new Forbidden(
      "invalid_identity",
      "The identity must have 1 to 256 visible characters, and must be neither `system` nor look like an " +
        "address or a SID.",
    );
  }
  return identity;
}
