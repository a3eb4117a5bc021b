import type { Client } from "@twilio/conversations";
import { SignJWT } from "jose";
import { expect, vi } from "vitest";
import type { Json, Stage } from "../realtime/suite/stage.ts";
import type { Bench } from "./emulator.ts";

/** The part of an SDK that scenarios begin with. */
export interface Sdk {
  readonly Client: new (token: string, options?: object) => Client;
}

/** An access token for Conversations by the emulator's clock; `ttl` in seconds. */
export async function accessToken(
  { emulator }: Bench,
  identity: string,
  ttl = 3600,
  grant: Readonly<Record<string, string>> = {},
): Promise<string> {
  const { accountSid, apiKeySid, apiKeySecret, chatServiceSid, clock } = emulator;
  const now = Math.floor(clock.now() / 1000);
  const grants = { identity, chat: { service_sid: chatServiceSid, ...grant } };
  return new SignJWT({ grants })
    .setProtectedHeader({ typ: "JWT", alg: "HS256", cty: "twilio-fpa;v=1" })
    .setJti(`${apiKeySid}-${now}-${identity}`)
    .setIssuer(apiKeySid)
    .setSubject(accountSid)
    .setIssuedAt(now)
    .setExpirationTime(now + ttl)
    .sign(new TextEncoder().encode(apiKeySecret));
}

/** Where SDKs find the emulator by the option `Twilsock.uri`. */
export function socketUrl({ emulator }: Bench): string {
  return `${emulator.url.replace("http:", "ws:")}/v3/wsconnect`;
}

/** The other side of a scenario: the emulator's APIs. */
export function otherSideOf(b: Bench): Pick<Stage, "token" | "rest" | "control"> {
  const passed = async (answer: ReturnType<Bench["rest"]>, name: string): Promise<Json> => {
    const { status, body } = await answer;
    expect(status, `${name}: ${JSON.stringify(body)}`).toBeLessThan(300);
    return body;
  };
  return {
    token: (identity, ttl) => accessToken(b, identity, ttl),
    rest: (method, path, form = {}) =>
      passed(b.rest(method, path, new URLSearchParams(form).toString()), `${method} ${path}`),
    control: (method, path, body) => passed(b.control(method, path, body), `${method} ${path}`),
  };
}

/** A stage in Node, and what ends its clients. */
export function nodeStage(b: Bench, { Client: SdkClient }: Sdk): { stage: Stage; close(): Promise<void> } {
  const clients: Client[] = [];
  const others = otherSideOf(b);
  const connect = (token: string) => {
    const client = new SdkClient(token, { Twilsock: { uri: socketUrl(b) } });
    clients.push(client);
    return client;
  };
  const signIn: Stage["signIn"] = async (identity, { ttl } = {}) => {
    const client = connect(await others.token(identity, ttl));
    await ready(client);
    return client;
  };
  return {
    stage: { ...others, connect, signIn },
    async close() {
      await Promise.all(clients.map((client) => client.shutdown()));
      // The emulator sees a connection end a little later.
      await vi.waitFor(async () => {
        const { sessions } = await others.control("GET", "/sessions");
        expect(sessions).toEqual([]);
      });
    },
  };
}

/** Resolves when a client has all that it begins with: before that a lost connection is not made up for. */
async function ready(client: Client): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    client.on("initialized", () => resolve());
    client.on("initFailed", ({ error }) => reject(error));
  });
  await client.getSubscribedConversations();
}
