import type { Client } from "twilio/lib/base/BaseTwilio.js";
import domainModule from "twilio/lib/base/Domain.js";
import versionModule from "twilio/lib/base/Version.js";
import * as v from "valibot";
import type { Call } from "../call.ts";
import { type Environment, readEnvironment, secret, sidVariable, urlVariable } from "../environment.ts";
import { Misconfigured } from "../errors.ts";
import { sendToTwilio, type TransportSettings, type TwilioRequest } from "./transport.ts";

// The package is CommonJS, so default exports arrive as a property.
const Domain = domainModule.default;
const Version = versionModule.default;

/** Root of the official resource classes' object tree. */
export type ApiVersion = InstanceType<typeof Version>;

/** A part of a host name, such as `ie1` or `dublin`. */
const location = () =>
  v.pipe(v.string(), v.regex(/^[a-z0-9-]{1,63}$/, "must be a name such as ie1 or dublin"));

/**
 * Variables of every resource at Twilio: `ACCOUNT_SID`; `TWILIO_API_KEY_SID` and `TWILIO_API_KEY_SECRET`, or else
 * `AUTH_TOKEN`; `TWILIO_BASE_URL` to send everything to the emulator; `TWILIO_REGION` and `TWILIO_EDGE` for another
 * region than us1 and another edge location (docs: The Conversations API overview, "Edge locations").
 */
export const accountEntries = {
  ACCOUNT_SID: sidVariable("AC"),
  TWILIO_API_KEY_SID: v.optional(sidVariable("SK")),
  TWILIO_API_KEY_SECRET: v.optional(secret()),
  AUTH_TOKEN: v.optional(secret()),
  TWILIO_BASE_URL: v.optional(urlVariable()),
  TWILIO_REGION: v.optional(location()),
  TWILIO_EDGE: v.optional(location()),
};

/**
 * Reads the account's credentials, once, and returns the root for resources of one product to each call.
 *
 * The root is all that the official resource classes need of the official package; the package itself would cost
 * 140 ms at cold start.
 *
 * @param product First label of the host, such as `conversations`.
 * @param path The path before the resource's own path, such as `v1`.
 */
export function openApi(environment: Environment, product: string, path: string): (call: Call) => ApiVersion {
  const env = readEnvironment(accountEntries, environment);
  const password = env.TWILIO_API_KEY_SID === undefined ? env.AUTH_TOKEN : env.TWILIO_API_KEY_SECRET;
  if (password === undefined) {
    throw new Misconfigured("Environment: set TWILIO_API_KEY_SID and TWILIO_API_KEY_SECRET, or AUTH_TOKEN.");
  }
  const settings: TransportSettings = {
    username: env.TWILIO_API_KEY_SID ?? env.ACCOUNT_SID,
    password,
    baseUrl: env.TWILIO_BASE_URL,
  };
  return (call) => {
    const request = async (outgoing: TwilioRequest) => {
      let isRefused = false;
      try {
        // The deadline is read for each request, since a call that undoes its steps may use its last seconds.
        const answer = await sendToTwilio(settings, outgoing, call.deadline);
        isRefused = answer.statusCode === 401;
        return answer;
      } finally {
        if (isRefused) call.noteRefusal();
        else call.noteEffect();
      }
    };
    const client = { request };
    // A domain calls only `request` of its client.
    return new Version(new Domain(client as Client, `https://${hostOf(product, env)}.twilio.com`), path);
  };
}

/** The host's labels before `twilio.com`, as the official libraries compose them: an edge without a region is one of us1. */
export function hostOf(
  product: string,
  env: { readonly TWILIO_REGION?: string | undefined; readonly TWILIO_EDGE?: string | undefined },
): string {
  const [name = product, ownRegion] = product.split(".");
  const region = env.TWILIO_REGION ?? ownRegion ?? (env.TWILIO_EDGE === undefined ? undefined : "us1");
  return [name, env.TWILIO_EDGE, region].filter((label) => label !== undefined).join(".");
}
