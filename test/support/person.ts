import { afterAll, beforeEach } from "vitest";
import { registerDevice } from "../emulator/support/devices.ts";
import { type Received, startReceiver } from "../emulator/support/receiver.ts";
import type { Answer, Fields } from "./http.ts";
import type { Platform } from "./platforms.ts";
import { type System, useSystem } from "./system.ts";

/** A deployment that stores archives at a receiver, for the endpoints that export and erase a person's data. */
export interface PersonSystem {
  readonly current: System;
  /** URL of the receiver. */
  readonly archiveUrl: string;
  /** What the receiver was sent in this test. */
  readonly received: Received[];
  /** The stored files: the lines of each, by the last part of its name. */
  files(): Map<string, Fields[]>;
  call(path: "export" | "erase", input: object): Promise<Answer<Fields>>;
  /** A conversation in which alice has written these texts, and bob has answered. */
  conversation(...texts: string[]): Promise<AliceConversation>;
  /** Alice: a chat user with a device, in an open and a closed conversation, and removed from a third one. */
  alice(): Promise<{ readonly [Name in "open" | "closed" | "left"]: AliceConversation }>;
}

type Conversation = Awaited<ReturnType<System["account"]["conversation"]>>;
type AliceConversation = Conversation & { readonly sid: string; readonly aliceSid: string };

/** Starts it for the tests of a block. */
export function usePersonSystem(platform: Platform, receiver: Receiver, timeScale?: number): PersonSystem {
  const archiveUrl = `${receiver.url}/archive`;
  const settings = {
    POST_EVENT_REACTIONS: JSON.stringify({ archive: { url: archiveUrl } }),
    HOOK_SECRET: "a secret that the receiver has, too",
  };
  const system = useSystem(platform, settings, timeScale);

  async function conversation(...texts: string[]): Promise<AliceConversation> {
    const made = await system.current.account.conversation();
    const { sid } = await made.fetch();
    const { sid: aliceSid } = await made.participants.create({ identity: "alice" });
    await made.participants.create({ identity: "bob" });
    for (const body of texts) await made.messages.create({ author: "alice", body });
    await made.messages.create({ author: "bob", body: "Hello alice" });
    return Object.assign(made, { sid, aliceSid });
  }

  return {
    get current() {
      return system.current;
    },
    archiveUrl,
    received: receiver.received,
    files: () => filesIn(receiver.received),
    call: (path, input) =>
      system.current.call(`/users/${path}`, input, { sub: "privacy", scope: `users:${path}` }),
    conversation,
    async alice() {
      const { account } = system.current;
      const open = await conversation("One", "Two");
      const closed = await conversation("Three");
      await closed.update({ state: "closed" });
      const left = await conversation("Four");
      await left.participants(left.aliceSid).remove();
      await account.client.conversations.v1.users("alice").update({ attributes: '{"city":"Rome"}' });
      await registerDevice(account, "alice", "gcm");
      return { open, closed, left };
    },
  };
}

type Receiver = Awaited<ReturnType<typeof startReceiver>>;

/** Starts a receiver that accepts every file, for the tests of a file. */
export async function useReceiver(): Promise<Receiver> {
  const receiver = await startReceiver((_request, response) => {
    response.writeHead(200).end();
  });
  beforeEach(() => {
    receiver.received.length = 0;
  });
  afterAll(() => receiver.close());
  return receiver;
}

function filesIn(received: readonly Received[]): Map<string, Fields[]> {
  const linesOf = (body: string) =>
    body
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Fields);
  return new Map(received.map(({ url, body }) => [url.replace(/^.*\/(.+)\.ndjson$/, "$1"), linesOf(body)]));
}
