import { expect } from "vitest";
import type { EmulatorInfo } from "../../../emulator/emulator.ts";
import { runMain, temporaryDirectory } from "./process.ts";

const writers = 8;

interface Resource {
  readonly sid: string;
  readonly url: string;
  readonly [field: string]: unknown;
}

/** A caller of one emulator process, with the account's credentials. */
function callerOf({ url, accountSid, authToken }: EmulatorInfo) {
  const Authorization = `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString("base64")}`;
  return async (path: string, form?: Record<string, string>): Promise<Resource> => {
    const init = form === undefined ? {} : { method: "POST", body: new URLSearchParams(form) };
    const response = await fetch(`${url}${path}`, { headers: { Authorization }, ...init });
    const body = await response.json();
    if (!response.ok) throw new Error(`${response.status} ${JSON.stringify(body)}`);
    return body as Resource;
  };
}

/** The path of a resource, which another process answers at another port. */
const pathOf = ({ url }: Resource) => new URL(url).pathname;

/** Each resource as it was last acknowledged, and the changes without a response. */
class Ledger {
  readonly acknowledged = new Map<string, Resource>();
  readonly underWay = new Map<string, Partial<Resource>>();

  /** The fields that only writes to this resource change, without and with the change in flight. */
  expected(resource: Resource): unknown[] {
    return [resource, { ...resource, ...this.underWay.get(resource.sid) }].map(ownFields);
  }
}

function ownFields({ date_updated: _, url: __, links: ___, ...fields }: Resource): unknown {
  return fields;
}

/** One writer: adds participants and messages to conversations until the process ends. */
async function write(
  call: ReturnType<typeof callerOf>,
  writer: number,
  ledger: Ledger,
  acknowledged: (resource: Resource) => void,
): Promise<void> {
  const change = async (resource: Resource, fields: Partial<Resource>, form: Record<string, string>) => {
    ledger.underWay.set(resource.sid, fields);
    acknowledged(await call(pathOf(resource), form));
  };
  for (let turn = 0; ; turn += 1) {
    const author = `writer ${writer}, turn ${turn}`;
    const conversation = await call("/v1/Conversations", { UniqueName: author });
    acknowledged(conversation);
    acknowledged(await call(`${pathOf(conversation)}/Participants`, { Identity: author }));
    for (let index = 0; index < 4; index += 1) {
      const message = await call(`${pathOf(conversation)}/Messages`, { Body: `${index}`, Author: author });
      acknowledged(message);
      await change(message, { body: "corrected" }, { Body: "corrected" });
    }
    await change(conversation, { friendly_name: "finished" }, { FriendlyName: "finished" });
  }
}

/** Every acknowledged resource exists, as acknowledged or with the change in flight. */
async function check(call: ReturnType<typeof callerOf>, ledger: Ledger): Promise<void> {
  for (const resource of ledger.acknowledged.values()) {
    const found = await call(pathOf(resource));
    expect(ledger.expected(resource)).toContainEqual(ownFields(found));
    ledger.acknowledged.set(resource.sid, found);
  }
  ledger.underWay.clear();
}

/**
 * Kills a process under load, three times with one data directory: every acknowledged write is kept, no write is partial
 * and no SID is repeated. `round` varies the moments. Returns the number of acknowledged
 * resources.
 */
export async function killUnderLoad(round: number): Promise<number> {
  const data = temporaryDirectory();
  const ledger = new Ledger();
  // Processes of the same directory are killed repeatedly, so that a recovered state is recovered again.
  for (const limit of [1, 40 + round * 7, 400 + round * 31]) {
    const { ready, kill } = runMain("--data", data);
    const call = callerOf(await ready);
    await check(call, ledger);
    const before = new Set(ledger.acknowledged.keys());
    const repeated: string[] = [];
    let count = 0;
    let killed: Promise<void> | undefined;
    const acknowledged = (resource: Resource) => {
      if (before.has(resource.sid)) repeated.push(resource.sid);
      ledger.acknowledged.set(resource.sid, resource);
      count += 1;
      if (count === limit) killed = kill();
    };
    const load = Array.from({ length: writers }, (_, writer) =>
      write(call, limit * 1000 + writer, ledger, acknowledged),
    );
    await Promise.allSettled(load);
    await killed;
    expect(repeated).toEqual([]);
  }
  const { ready } = runMain("--data", data);
  const call = callerOf(await ready);
  await check(call, ledger);
  for (const conversation of ledger.acknowledged.values()) {
    if (conversation.sid.startsWith("CH")) await checkWhole(call, conversation);
  }
  return ledger.acknowledged.size;
}

/** A participant and the user created with it are one write, and indexes have no gaps. */
async function checkWhole(call: ReturnType<typeof callerOf>, conversation: Resource): Promise<void> {
  const { participants } = await call(`${pathOf(conversation)}/Participants`);
  for (const { identity } of participants as { identity: string }[]) {
    expect(await call(`/v1/Users/${encodeURIComponent(identity)}`)).toMatchObject({ identity });
  }
  const { messages } = await call(`${pathOf(conversation)}/Messages`);
  const indexes = (messages as { index: number }[]).map(({ index }) => index);
  expect(indexes).toEqual(indexes.map((_, index) => index));
}
