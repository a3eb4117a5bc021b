import { jwtVerify, SignJWT } from "jose";

/** The configuration of a deployment under test. Valid in form, but no real credentials. */
export const credentials = {
  ACCOUNT_SID: `AC${"a".repeat(32)}`,
  AUTH_TOKEN: "0123456789abcdef0123456789abcdef",
  TWILIO_API_KEY_SID: `SK${"b".repeat(32)}`,
  TWILIO_API_KEY_SECRET: "a secret of thirty-two characters",
  CHAT_SERVICE_SID: `IS${"c".repeat(32)}`,
  JWT_SECRET: "the secret of the issuer of callers' tokens",
} as const;

/** A caller's token, as the company's issuer would sign it. */
export function callerToken(
  claims: Readonly<Record<string, unknown>>,
  options: { secret?: string; expiresIn?: string | number | null } = {},
): Promise<string> {
  const token = new SignJWT({ ...claims }).setProtectedHeader({ alg: "HS256" }).setIssuedAt();
  const { expiresIn = "5m" } = options;
  if (expiresIn !== null) token.setExpirationTime(expiresIn);
  return token.sign(new TextEncoder().encode(options.secret ?? credentials.JWT_SECRET));
}

/** The payload of an access token that a deployment under test signed. Rejects any other token. */
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

/** Request headers with such a token. */
export const bearer = async (claims: Readonly<Record<string, unknown>>) => ({
  authorization: `Bearer ${await callerToken(claims)}`,
});
