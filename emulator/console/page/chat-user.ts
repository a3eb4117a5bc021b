import type { Info } from "./api.ts";

/** Seconds that a chat user whom the console lets in stays signed in. */
const ttl = 12 * 60 * 60;

/** The address of the chat page, signed in as a chat user with an access token that is made here. `now` is in milliseconds. */
export async function chatAddress(info: Info, identity: string, now: number): Promise<string> {
  const { accountSid, apiKeySid, chatServiceSid, url, chatPage } = info;
  const since = Math.floor(now / 1000);
  const token = await sign(info, {
    jti: `${apiKeySid}-${since}`,
    grants: { identity, chat: { service_sid: chatServiceSid } },
    iat: since,
    exp: since + ttl,
    iss: apiKeySid,
    sub: accountSid,
  });
  const socket = `${url.replace("http", "ws")}/v3/wsconnect`;
  return `${chatPage}#${new URLSearchParams({ token, socket })}`;
}

async function sign({ apiKeySecret }: Info, payload: object): Promise<string> {
  const header = { alg: "HS256", typ: "JWT", cty: "twilio-fpa;v=1" };
  const encode = (text: string) => new TextEncoder().encode(text);
  const content = [header, payload].map((part) => base64url(encode(JSON.stringify(part)))).join(".");
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", encode(apiKeySecret), algorithm, false, ["sign"]);
  const signature = await crypto.subtle.sign("HMAC", key, encode(content));
  return `${content}.${base64url(new Uint8Array(signature))}`;
}

function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}
