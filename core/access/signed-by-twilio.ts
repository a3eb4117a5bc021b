import { readEnvironment, secret } from "../environment.ts";
import { Forbidden } from "../errors.ts";
import { access } from "./access.ts";
import { isSignedByTwilio } from "./signature.ts";

/** Twilio itself: a webhook, or a Studio widget. */
export interface TwilioCaller {
  readonly kind: "twilio";
}

const entries = { AUTH_TOKEN: secret() };

/**
 * Lets in requests that carry Twilio's signature, checked on both platforms and in local runs.
 *
 * The key is always the account's primary auth token, never an API key's secret. A `.protected` file under
 * `functions/` has Twilio check at the door too; this check is what holds everywhere else.
 *
 * Variables: `AUTH_TOKEN`, and `PUBLIC_BASE_URL` where a proxy hides the address that Twilio calls.
 */
export const signedByTwilio = access<TwilioCaller>({
  schemes: ["X-Twilio-Signature"],
  variables: Object.keys(entries),
  isConfigured: (environment) => Boolean(environment.AUTH_TOKEN),
  open(environment) {
    const { AUTH_TOKEN } = readEnvironment(entries, environment);
    return async (request) => {
      const signature = request.headers.get("x-twilio-signature");
      if (signature === undefined) return undefined;
      if (isSignedByTwilio(AUTH_TOKEN, signature, request)) return { kind: "twilio" };
      throw new Forbidden(
        "invalid_signature",
        "The X-Twilio-Signature does not match. It must be made with the account's primary auth token, over the URL " +
          "exactly as it is configured at Twilio; behind a proxy, PUBLIC_BASE_URL must name that URL's beginning.",
      );
    };
  },
});
