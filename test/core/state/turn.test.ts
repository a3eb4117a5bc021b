import * as v from "valibot";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Call } from "../../../core/call.ts";
import type { Environment } from "../../../core/environment.ts";
import { createLog } from "../../../core/log.ts";
import { isLock, type LockContext, withLock } from "../../../core/state/lock.ts";
import { state } from "../../../core/state/state.ts";
import { inTurn } from "../../../core/state/turn.ts";
import { conversations as resource } from "../../../core/twilio/conversations.ts";
import { startEmulator } from "../../../emulator/emulator.ts";
import { TestAccount } from "../../emulator/support/emulator.ts";
import { ANSWER_LOST, failed } from "../../support/faults.ts";

describe("inTurn", () => {
  let account: TestAccount;
  const lines: string[] = [];
  const log = createLog((_level, line) => lines.push(line), {});
  beforeEach(async () => {
    account = new TestAccount(await startEmulator({ clock: "manual", startTime: Date.now() }));
    lines.length = 0;
  });
  afterEach(() => {
    vi.useRealTimers();
    return account.close();
  });

  const name = `CH${"1".repeat(32)}` as const;
  const stateOf = (environment: Environment) => state.open(environment)(new Call("r", 0), log);
  const lockName = () => `lock-${stateOf({ AUTH_TOKEN: account.emulator.authToken }).name("lock", name)}`;
  function contextOf(requestId: string): LockContext {
    const { accountSid, authToken, url } = account.emulator;
    const environment = { ACCOUNT_SID: accountSid, AUTH_TOKEN: authToken, TWILIO_BASE_URL: url };
    const call = new Call(requestId, Date.now() + 20_000);
    return { conversations: resource.open(environment)(call, log), state: stateOf(environment), call, log };
  }
  const lockKind = { purpose: "lock", schema: v.object({ by: v.string(), atMostMs: v.number() }) };
  /** Acts while holding the lock of that conversation, as a separate invocation. */
  const act = <Result>(requestId: string, what: () => Promise<Result>): Promise<Result> =>
    inTurn(contextOf(requestId), name, what);

  it("runs one invocation after the other, and removes its lock", async () => {
    let inside = 0;
    const actions = ["r1", "r2", "r3", "r4"].map((requestId) =>
      act(requestId, async () => {
        inside += 1;
        const most = inside;
        await account.conversations.list();
        inside -= 1;
        return most;
      }),
    );
    expect(await Promise.all(actions)).toEqual([1, 1, 1, 1]);
    expect(await account.conversations.list()).toEqual([]);
  });

  it("records in the lock who holds it and for how long, so that no webhook handler reacts to it", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const context = contextOf("r1");
    const held = await inTurn(context, name, () => account.conversations(lockName()).fetch());
    expect(held.friendlyName).toBe("A lock of Parley's, deleted within seconds");
    expect(isLock(context.state, held)).toBe(true);
    expect(context.state.ofConversation(lockKind, held)).toEqual({ by: "r1", atMostMs: 20_000 });
    expect(isLock(context.state, await account.conversations.create())).toBe(false);
  });

  it("still releases the lock when the action has used up the time of the call", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const context = contextOf("r1");
    await inTurn(context, name, async () => void vi.setSystemTime(context.call.end + 100));
    expect(await account.conversations.list()).toEqual([]);
  });

  it("releases the lock when the action fails", async () => {
    await expect(act("r1", () => Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect(await account.conversations.list()).toEqual([]);
    expect(await act("r2", async () => "done")).toBe("done");
  });

  it("rejects as busy and retryable while another invocation holds the lock", async () => {
    await account.conversations.create({ uniqueName: lockName(), attributes: "{}" });
    await expect(act("r1", async () => "done")).rejects.toMatchObject({ status: 503, code: "busy" });
  });

  it("takes over a lock that is a minute old", async () => {
    const dateCreated = new Date(Date.now() - 61_000);
    await account.conversations.create({
      uniqueName: lockName(),
      attributes: "{}",
      dateCreated,
    });
    expect(await act("r1", async () => "done")).toBe("done");
    expect(await account.conversations.list()).toEqual([]);
  });

  it("takes over a lock whose holder's time is over", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const uniqueName = lockName();
    const { state } = contextOf("r0");
    const lock = (atMostMs: number) =>
      state.forConversation(lockKind, { uniqueName }, { by: "r0", atMostMs });
    const dateCreated = new Date(Date.now() - 8_000);
    await account.conversations.create({ uniqueName, attributes: lock(60_000), dateCreated });
    expect(await withLock(contextOf("r1"), name, async () => "done")).toBeUndefined();
    // Two seconds more than that: Twilio's clock may differ.
    await account.conversations(uniqueName).update({ attributes: lock(7_000) });
    expect(await withLock(contextOf("r1"), name, async () => "done")).toBeUndefined();
    await account.conversations(uniqueName).update({ attributes: lock(5_000) });
    expect(await withLock(contextOf("r2"), name, async () => "done")).toBe("done");
    expect(await account.conversations.list()).toEqual([]);
  });

  it("recognizes its own lock when the answer to acquiring it was lost", async () => {
    await account.fault({ on: "request", match: { method: "POST" }, ...ANSWER_LOST, times: 1 });
    expect(await act("r1", async () => "done")).toBe("done");
    expect(await account.injections()).toHaveLength(1);
    expect(await account.conversations.list()).toEqual([]);
  });

  it("logs when it cannot release the lock, and still returns its result", async () => {
    await account.fault({ on: "request", match: { method: "DELETE" }, ...failed() });
    expect(await act("r1", async () => "done")).toBe("done");
    const [left] = await account.conversations.list();
    const about = { conversationSid: name, lockSid: left?.sid, error: { name: "Error", status: 500 } };
    expect(lines.map((line) => JSON.parse(line))).toContainEqual(
      expect.objectContaining({
        event: "lock_left_behind",
        ...about,
        error: expect.objectContaining(about.error),
      }),
    );
  });
});
