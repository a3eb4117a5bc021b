import type { Client } from "@twilio/conversations";
import { SignJWT } from "jose";
import { expect } from "vitest";
import { type Json, ready, type ScenarioContext } from "../realtime/suite/context.ts";
import type { TestAccount } from "./emulator.ts";

/** The part of an SDK that scenarios begin with. */
export interface Sdk {
  readonly Client: {
    new (token: string, options?: object): Client;
    create(token: string, options?: object): Promise<Client>;
  };
}

/** An access token for Conversations by the emulator's clock; `ttl` in seconds. */
export async function accessToken(
  { emulator }: TestAccount,
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
export function socketUrl({ emulator }: TestAccount): string {
  return `${emulator.url.replace("http:", "ws:")}/v3/wsconnect`;
}

/** The other side of a scenario: the emulator's APIs. */
export function otherSideOf(account: TestAccount): Omit<ScenarioContext, "connect" | "create" | "signIn"> {
  const passed = async (answer: ReturnType<TestAccount["rest"]>, name: string): Promise<Json> => {
    const { status, body } = await answer;
    expect(status, `${name}: ${JSON.stringify(body)}`).toBeLessThan(300);
    return body;
  };
  return {
    token: (identity, ttl, pushCredentialSid) =>
      accessToken(
        account,
        identity,
        ttl,
        pushCredentialSid ? { push_credential_sid: pushCredentialSid } : {},
      ),
    template: (types, variables) => account.template(types, undefined, variables),
    fetchText: async (url) => (await fetch(url)).text(),
    async hook(answers) {
      const receiver = await account.receiver(({ fields }, response) => {
        const answer = new Map(Object.entries(answers)).get(fields.get("EventType") ?? "");
        response.writeHead(answer?.status ?? 200).end();
      });
      return {
        target: receiver.url,
        received: async () => receiver.received.map(({ fields }) => Object.fromEntries(fields)),
      };
    },
    rest: (method, path, form = {}) =>
      passed(account.rest(method, path, new URLSearchParams(form).toString()), `${method} ${path}`),
    control: (method, path, body) => passed(account.control(method, path, body), `${method} ${path}`),
  };
}

/** A context in Node, and what ends its clients. */
export function nodeContext(
  account: TestAccount,
  { Client: SdkClient }: Sdk,
): { context: ScenarioContext; close(): Promise<void> } {
  const clients: Client[] = [];
  const options = { Twilsock: { uri: socketUrl(account) } };
  const others = otherSideOf(account);
  const connect = (token: string) => {
    const client = new SdkClient(token, options);
    clients.push(client);
    return client;
  };
  const create = async (token: string) => {
    const client = await SdkClient.create(token, options);
    clients.push(client);
    return client;
  };
  const signIn: ScenarioContext["signIn"] = async (identity, { ttl, pushCredentialSid } = {}) => {
    const client = connect(await others.token(identity, ttl, pushCredentialSid));
    await ready(client);
    return client;
  };
  return {
    context: { ...others, connect, create, signIn },
    async close() {
      await Promise.all(clients.map((client) => client.shutdown()));
      await untilAlone(account);
    },
  };
}

/** Waits until the emulator has seen every connection end, which is a little after the SDKs have. */
export async function untilAlone(account: TestAccount): Promise<void> {
  const sessions = async () => (await account.control("GET", "/sessions")).body.sessions;
  await expect.poll(sessions).toEqual([]);
}
