import type { Client } from "@twilio/conversations";
import { SignJWT } from "jose";
import { expect, vi } from "vitest";
import { type Json, ready, type Stage } from "../realtime/suite/stage.ts";
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
export function otherSideOf(b: Bench): Omit<Stage, "connect" | "signIn"> {
  const passed = async (answer: ReturnType<Bench["rest"]>, name: string): Promise<Json> => {
    const { status, body } = await answer;
    expect(status, `${name}: ${JSON.stringify(body)}`).toBeLessThan(300);
    return body;
  };
  return {
    token: (identity, ttl, pushCredentialSid) =>
      accessToken(b, identity, ttl, pushCredentialSid ? { push_credential_sid: pushCredentialSid } : {}),
    template: (types, variables) => b.template(types, undefined, variables),
    fetchText: async (url) => (await fetch(url)).text(),
    async hook(answers) {
      const receiver = await b.receiver(({ fields }, response) => {
        const answer = new Map(Object.entries(answers)).get(fields.get("EventType") ?? "");
        response.writeHead(answer?.status ?? 200).end();
      });
      return {
        target: receiver.url,
        received: async () => receiver.received.map(({ fields }) => Object.fromEntries(fields)),
      };
    },
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
  const signIn: Stage["signIn"] = async (identity, { ttl, pushCredentialSid } = {}) => {
    const client = connect(await others.token(identity, ttl, pushCredentialSid));
    await ready(client);
    return client;
  };
  return {
    stage: { ...others, connect, signIn },
    async close() {
      await Promise.all(clients.map((client) => client.shutdown()));
      await untilAlone(b);
    },
  };
}

/** Waits until the emulator has seen every connection end, which is a little after the SDKs have. */
export async function untilAlone(b: Bench): Promise<void> {
  await vi.waitFor(async () => {
    const { body } = await b.control("GET", "/sessions");
    expect(body.sessions).toEqual([]);
  });
}
