import type { Handler } from "../../core/handler.ts";

/** A kind of access: its description, and the OpenAPI requirement by the names of {@link securitySchemes}. */
export interface AccessKind {
  readonly words: string;
  readonly security: Readonly<Record<string, readonly string[]>>;
}

/** The security schemes of the OpenAPI description. */
export const securitySchemes = {
  bearer: {
    type: "http",
    scheme: "bearer",
    bearerFormat: "JWT",
    description: "A JSON Web Token of your issuer. The scopes that an operation needs are listed as roles.",
  },
  basic: {
    type: "http",
    scheme: "basic",
    description:
      "A name and password of BASIC_CREDENTIALS. The scopes that an operation needs are listed as roles.",
  },
  twilioSignature: {
    type: "apiKey",
    in: "header",
    name: "X-Twilio-Signature",
    description: "Twilio's signature over the URL and the form, made with the account's auth token.",
  },
  identity: { type: "apiKey", in: "query", name: "identity", description: "A user's name." },
  password: {
    type: "apiKey",
    in: "query",
    name: "password",
    description: "The password that belongs to it.",
  },
} as const;

const SCHEMES: readonly [RegExp, (scope: string) => AccessKind][] = [
  [/^X-Twilio-Signature$/, () => ({ words: "Twilio's signature", security: { twilioSignature: [] } })],
  [
    /^Authorization: Bearer \(scope (.+)\)$/,
    (scope) => ({ words: `a bearer token with the scope \`${scope}\``, security: { bearer: [scope] } }),
  ],
  [
    /^Authorization: Basic \(scope (.+)\)$/,
    (scope) => ({ words: `basic credentials with the scope \`${scope}\``, security: { basic: [scope] } }),
  ],
  [/^Authorization: Bearer$/, () => ({ words: "a bearer token of your issuer", security: { bearer: [] } })],
  [
    /^fields identity and password$/,
    () => ({
      words: "a user name and its password, in the fields `identity` and `password`",
      security: { identity: [], password: [] },
    }),
  ],
];

/** The kinds of access of an endpoint. @throws for an unknown scheme. */
export function accessKindsOf({ access }: Pick<Handler, "access">): readonly AccessKind[] {
  const ways = access.schemes.map((scheme) => {
    for (const [pattern, wayOf] of SCHEMES) {
      const found = pattern.exec(scheme);
      if (found) return wayOf(found[1] ?? "");
    }
    throw new Error(`tools/reference/access.ts does not know the access scheme "${scheme}". Add it there.`);
  });
  // Guests have no credentials that a scheme could name.
  const guests: AccessKind = { words: "any caller if `GUESTS=true`", security: {} };
  return Object.hasOwn(access.entries, "GUESTS") ? [...ways, guests] : ways;
}
