import { jwtVerify, SignJWT } from "jose";

/** What a deployment under test is configured with. Of the right form, and good for nothing. */
export const credentials = {
  ACCOUNT_SID: `AC${"a".repeat(32)}`,
  AUTH_TOKEN: "0123456789abcdef0123456789abcdef",
  TWILIO_API_KEY_SID: `SK${"b".repeat(32)}`,
  TWILIO_API_KEY_SECRET: "a secret of thirty-two characters",
  CHAT_SERVICE_SID: `IS${"c".repeat(32)}`,
  JWT_SECRET: "the secret of the issuer of callers' tokens",
} as const;

/** A caller's token, as the company's issuer would make it. */
export function callerToken(
  claims: Readonly<Record<string, unknown>>,
  options: { secret?: string; expiresIn?: string | number | null } = {},
): Promise<string> {
  const token = new SignJWT({ ...claims }).setProtectedHeader({ alg: "HS256" }).setIssuedAt();
  const { expiresIn = "5m" } = options;
  if (expiresIn !== null) token.setExpirationTime(expiresIn);
  return token.sign(new TextEncoder().encode(options.secret ?? credentials.JWT_SECRET));
}

/** The payload of an access token that a deployment under test has signed. Rejects any other. */
export async function accessTokenPayload(
  token: string,
  secret: string = credentials.TWILIO_API_KEY_SECRET,
): Promise<AccessTokenPayload> {
  const key = new TextEncoder().encode(secret);
  return (await jwtVerify<AccessTokenPayload>(token, key)).payload;
}

interface AccessTokenPayload {
  readonly iat: number;
  readonly exp: number;
  readonly grants: {
    readonly identity: string;
    readonly chat: { readonly service_sid: string; readonly push_credential_sid?: string };
  };
}

/** Headers for a call with such a token. */
export const bearer = async (claims: Readonly<Record<string, unknown>>) => ({
  authorization: `Bearer ${await callerToken(claims)}`,
});
