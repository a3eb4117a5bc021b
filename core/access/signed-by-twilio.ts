import * as v from "valibot";
import { listVariable, readEnvironment, secret, switchVariable } from "../environment.ts";
import { Forbidden, Misconfigured } from "../errors.ts";
import { access } from "./access.ts";
import { isSignedByTwilio, type SigningKey } from "./signature.ts";

/** Twilio: a webhook, or a Studio widget. */
export interface TwilioCaller {
  readonly kind: "twilio";
}

/** Shared keys by their ids, from a list such as `webhooks_sharedkey_1:secret,webhooks_sharedkey_2:secret`. */
const keysVariable = () =>
  v.pipe(
    listVariable(),
    v.array(
      v.pipe(
        v.string(),
        v.regex(/^[\w-]+:.{16,}$/, "must be id:secret, with a secret of at least 16 characters"),
      ),
    ),
    v.transform(
      (keys) => new Map(keys.map((key) => [key.split(":", 1)[0], key.slice(key.indexOf(":") + 1)])),
    ),
  );

const entries = {
  AUTH_TOKEN: secret(),
  AUTH_TOKEN_NEXT: v.optional(secret()),
  WEBHOOK_KEYS: v.optional(keysVariable(), ""),
  WEBHOOK_KEYS_ONLY: v.optional(switchVariable(), "false"),
};

/** The header in which Twilio names the shared key that a request is signed with. */
export const SIGNATURE_SETTINGS = "x-twilio-webhooks-signature-settings";

/**
 * Accepts requests with Twilio's signature, checked on both platforms and in local runs.
 *
 * Twilio signs with the account's primary auth token, never with an API key's secret; where a webhook rule matches the
 * URL, with the shared key that the request names. That header is not signed, so it chooses among the keys of
 * `WEBHOOK_KEYS`, and never the algorithm. For a `.protected` file in `functions/`, Twilio's gateway checks the
 * signature too.
 *
 * Variables: `AUTH_TOKEN`, and `AUTH_TOKEN_NEXT` during its rotation; `WEBHOOK_KEYS`, and
 * `WEBHOOK_KEYS_ONLY` to reject signatures with the auth token; `PUBLIC_BASE_URL` where a proxy hides the address
 * that Twilio calls.
 */
export const signedByTwilio = access<TwilioCaller>({
  schemes: ["X-Twilio-Signature"],
  entries,
  enabledBy: ["AUTH_TOKEN"],
  isConfigured: (environment) => Boolean(environment.AUTH_TOKEN),
  open(environment) {
    const env = readEnvironment(entries, environment);
    if (env.WEBHOOK_KEYS_ONLY && env.WEBHOOK_KEYS.size === 0) {
      throw new Misconfigured("Environment: WEBHOOK_KEYS is missing, and WEBHOOK_KEYS_ONLY is true.");
    }
    const tokens = [env.AUTH_TOKEN, env.AUTH_TOKEN_NEXT].flatMap((secret): SigningKey[] =>
      secret === undefined ? [] : [{ secret, hash: "sha1" }],
    );
    const keysFor = (settings: string): readonly SigningKey[] => {
      if (settings === "") {
        if (env.WEBHOOK_KEYS_ONLY) throw new Forbidden("webhook_key_required", KEY_REQUIRED);
        return tokens;
      }
      const { key, algorithm } = readSettings(settings);
      const secret = env.WEBHOOK_KEYS.get(key);
      if (secret === undefined) throw new Forbidden("unknown_webhook_key", UNKNOWN_KEY);
      if (algorithm !== "HMAC_SHA256") throw new Forbidden("weak_signature", WEAK);
      return [{ secret, hash: "sha256" }];
    };
    return async (request) => {
      if (request.isVerified) return { kind: "twilio" };
      const signature = request.headers.get("x-twilio-signature");
      if (signature === undefined) return undefined;
      const keys = keysFor(request.headers.get(SIGNATURE_SETTINGS)?.trim() ?? "");
      if (keys.some((key) => isSignedByTwilio(key, signature, request))) return { kind: "twilio" };
      throw new Forbidden("invalid_signature", INVALID);
    };
  },
});

const INVALID =
  "The X-Twilio-Signature does not match. It must be made with the account's primary auth token, or the shared key that " +
  "the request names, over the URL exactly as it is configured at Twilio; behind a proxy, PUBLIC_BASE_URL must name that " +
  "URL's beginning.";
const KEY_REQUIRED =
  "WEBHOOK_KEYS_ONLY is true, and this request is signed with the auth token. A webhook rule must match its URL.";
const UNKNOWN_KEY =
  "WEBHOOK_KEYS does not contain the shared key that this request is signed with. Functions that are `.protected` take none: no " +
  "webhook rule may match their URLs.";
const WEAK =
  "A webhook that is signed with a shared key must use HMAC_SHA256: set it in the rule's signature.";

/** `key=…,algorithm=…` */
function readSettings(header: string): { readonly key: string; readonly algorithm: string } {
  const settingOf = (name: string) => {
    const part = header.split(",").find((one) => one.split("=", 1)[0]?.trim() === name);
    return part?.slice(part.indexOf("=") + 1).trim() ?? "";
  };
  return { key: settingOf("key"), algorithm: settingOf("algorithm").toUpperCase() };
}
