import { NotEmulatedError } from "../domain/errors.ts";
import type { Host } from "../http/host.ts";

interface MissingProduct {
  readonly hosts: RegExp;
  readonly path: RegExp;
  readonly what: string;
  /** Whether the path is that of an emulated product if there is no host. */
  readonly isShared?: boolean;
}

const serverless = {
  hosts: /^serverless$/,
  what: "Serverless; Twilio's CLI runs Functions and Assets locally (twilio serverless:start)",
};

/** Products of Twilio that are not emulated, by path: their names, and their hosts. */
const products: readonly MissingProduct[] = [
  {
    hosts: /^conversations$/,
    path: /^\/v2\/(Conversations|Participants|Communications|Actions|ControlPlane)(\/|$)/,
    what: "Conversations v2; the bridge of its configurations (conversationsV1Bridge) leads to a service of v1, which is emulated",
  },
  { hosts: /^flex-api$/, path: /^\/v1\/(Interactions|Channels)(\/|$)/, what: "Flex Interactions" },
  {
    hosts: /^(numbers|trusthub)$/,
    path: /^\/(v1\/(CustomerProfiles|TrustProducts|EndUsers|SupportingDocuments|Policies)|v2\/RegulatoryCompliance)(\/|$)/,
    what: "Compliance",
  },
  { ...serverless, path: /^\/v1\/Services\/ZS/ },
  { ...serverless, path: /^\/v1\/Services$/, isShared: true },
  { hosts: /^(oauth|preview-iam)$/, path: /^\/(v[12]|oauth)\/(token|authorize)(\/|$)/, what: "OAuth" },
];

/** Versions of the emulated products. */
const versions = /^\/(v[123]|2010-04-01)(\/|$)/;

/** The error for a path of a product or version that is not emulated; undefined for other paths. */
export function missingProduct(method: string, path: string, host: Host): NotEmulatedError | undefined {
  const product = products.find(
    ({ hosts, path: pattern, isShared = false }) =>
      pattern.test(path) && (host.product === undefined ? !isShared : hosts.test(host.product)),
  );
  if (product !== undefined) return new NotEmulatedError(`${method} ${host.origin}${path}: ${product.what}`);
  const isVersion = /^\/(v\d+|\d{4}-\d{2}-\d{2})(\/|$)/.test(path);
  const isOther = host.product === "conversations" ? !/^\/v1(\/|$)/.test(path) : !versions.test(path);
  return isVersion && isOther
    ? new NotEmulatedError(`${method} ${host.origin}${path}: this version`)
    : undefined;
}
