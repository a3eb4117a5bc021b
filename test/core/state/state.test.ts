import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { Call } from "../../../core/call.ts";
import { createLog } from "../../../core/log.ts";
import { isSameMac } from "../../../core/state/keys.ts";
import { record } from "../../../core/state/record.ts";
import { state as resource } from "../../../core/state/state.ts";

const pair = record("pair", v.object({ by: v.string() }));
const group = record("group", v.object({ by: v.string() }));

/** The state of a deployment in one call, and the lines that it logs. */
function open(
  environment: Readonly<Record<string, string>> = { STATE_SECRET: "a secret of the deployment" },
) {
  const lines: Record<string, unknown>[] = [];
  const log = createLog((level, line) => lines.push({ level, ...JSON.parse(line) }), {});
  const next = resource.open(environment);
  return { state: next(new Call("r", 0), log), next: () => next(new Call("r2", 0), log), lines };
}

const conversation = (attributes: string, uniqueName: string | null = "pair-1", sid = "CH1") => ({
  sid,
  uniqueName,
  attributes,
});

describe("a conversation's record", () => {
  const { state, lines } = open();
  const byName = state.forConversation(pair, { uniqueName: "pair-1" }, { by: "alice" }, { mood: "good" });

  it("is bound to the unique name or the SID, and stands beside the other attributes", () => {
    expect(JSON.parse(byName)).toEqual({ mood: "good", parley: expect.stringContaining('"by":"alice"') });
    expect(state.ofConversation(pair, conversation(byName))).toEqual({ by: "alice" });
    expect(state.isOwn(conversation(byName))).toBe(true);
    const bySid = state.forConversation(pair, { sid: "CH1" }, { by: "bob" });
    expect(state.ofConversation(pair, conversation(bySid, null))).toEqual({ by: "bob" });
    for (const other of [
      conversation(byName, "pair-2"),
      conversation(byName, null),
      conversation(bySid, "CH1", "CH2"),
      conversation("{}"),
    ]) {
      expect(state.ofConversation(pair, other)).toBeUndefined();
      expect(state.isOwn(other)).toBe(false);
      expect(state.isForeign(other)).toBe(false);
    }
  });

  it("is read as its own kind only, and with all its fields", () => {
    expect(state.ofConversation(group, conversation(byName))).toBeUndefined();
    const older = state.forConversation(record("pair", v.object({})), { uniqueName: "pair-1" }, {});
    expect(state.ofConversation(pair, conversation(older))).toBeUndefined();
  });

  it("of another deployment is foreign, and a forged one is neither", () => {
    const other = open({ STATE_SECRET: "a secret of another deployment" }).state;
    const foreign = other.forConversation(pair, { uniqueName: "pair-1" }, { by: "alice" });
    expect(state.isForeign(conversation(foreign, "pair-1", "CH9"))).toBe(true);
    expect(state.isOwn(conversation(foreign, "pair-1", "CH9"))).toBe(false);
    const before = lines.length;
    const forged = conversation(byName, "pair-3", "CH3");
    expect(state.isForeign(forged)).toBe(false);
    state.isOwn(forged);
    const logged = { level: "warn", event: "record_forged", what: "conversation", conversationSid: "CH3" };
    expect(lines.slice(before)).toEqual([expect.objectContaining(logged)]);
    expect(lines.map(({ event }) => event)).toContain("record_foreign");
  });

  it("may have 16 KB with all attributes, and says how many bytes are left", () => {
    const build = (size: number) =>
      state.forConversation(pair, { uniqueName: "pair-1" }, { by: "alice" }, { filler: "ü".repeat(size) });
    const own = Buffer.byteLength(build(0));
    const most = Math.floor((16 * 1024 - own) / 2);
    expect(Buffer.byteLength(build(most))).toBeGreaterThan(16 * 1024 - 2);
    const left = 16 * 1024 - own + Buffer.byteLength('{"filler":""}');
    const given = Buffer.byteLength(JSON.stringify({ filler: "ü".repeat(most + 1) }));
    expect(() => build(most + 1)).toThrow(
      expect.objectContaining({
        code: "attributes_too_large",
        field: "attributes",
        message: `attributes has ${given} bytes; beside Parley's own record a conversation has ${left} bytes left.`,
      }),
    );
  });
});

describe("a message's record", () => {
  const { state, lines } = open();
  const key = state.messageKey("CH1", "greeting", "k");
  const attributes = state.forMessage("CH1", "alice", key);

  it("is bound to the conversation and the author", () => {
    expect(state.keyOf({ conversationSid: "CH1", author: "alice", attributes })).toBe(key);
    for (const [conversationSid, author] of [
      ["CH2", "alice"],
      ["CH1", "bob"],
      ["CH1", null],
    ] as const) {
      expect(state.keyOf({ conversationSid, author, attributes })).toBeUndefined();
    }
    expect(lines[0]).toMatchObject({ event: "record_forged", what: "message", conversationSid: "CH2" });
    expect(lines).toHaveLength(3);
    const withoutAuthor = state.forMessage("CH1", "", key);
    expect(state.keyOf({ conversationSid: "CH1", author: null, attributes: withoutAuthor })).toBe(key);
  });

  it("holds a MAC of the key, which differs by conversation and purpose", () => {
    expect(key).toMatch(/^greeting:[\w-]{22}$/);
    const keys = [key, state.messageKey("CH2", "greeting", "k"), state.messageKey("CH1", "greeting", "l")];
    expect(new Set(keys).size).toBe(3);
    expect(state.messageKey("CH1", "other", "k").split(":")[1]).not.toBe(key.split(":")[1]);
  });

  it("is no conversation's record, and has 4 KB", () => {
    expect(state.ofConversation(pair, conversation(attributes, "alice", "CH1"))).toBeUndefined();
    expect(() => state.forMessage("CH1", "alice", key, { filler: "x".repeat(4_096) })).toThrow(
      "a message has",
    );
  });
});

describe("a participant's record", () => {
  const { state } = open();
  const attributes = state.forParticipant("CH1", "alice", "routed", { mood: "good" });
  const alice = { conversationSid: "CH1", identity: "alice", messagingBinding: null, attributes };

  it("is bound to the conversation, the identity or address and the purpose", () => {
    expect(JSON.parse(attributes)).toMatchObject({ mood: "good" });
    expect(state.isAddedFor("routed", alice)).toBe(true);
    expect(state.isAddedFor("invited", alice)).toBe(false);
    expect(state.isAddedFor("routed", { ...alice, identity: "bob" })).toBe(false);
    expect(state.isAddedFor("routed", { ...alice, conversationSid: "CH2" })).toBe(false);
    const byPhone = { ...alice, identity: null, messagingBinding: { address: "alice" } };
    expect(state.isAddedFor("routed", byPhone)).toBe(true);
    expect(state.isAddedFor("routed", { ...alice, identity: null })).toBe(false);
    expect(state.isAddedFor("routed", { ...byPhone, messagingBinding: {} })).toBe(false);
    expect(state.isAddedFor("routed", { ...alice, attributes: "{}" })).toBe(false);
  });
});

describe("keys that are borrowed from the API key", () => {
  it("are warned about once, and keys of the deployment never", () => {
    const borrowed = open({ TWILIO_API_KEY_SECRET: "the secret of the API key" });
    borrowed.next();
    expect(borrowed.lines).toMatchObject([{ level: "warn", event: "state_secret_missing" }]);
    expect(String(borrowed.lines[0]?.advice)).toContain("STATE_SECRET");
    expect(open().lines).toEqual([]);
  });
});

it("compares MACs of different lengths", () => {
  expect([isSameMac("abc", "abc"), isSameMac("abc", "abd"), isSameMac("abc", "ab")]).toEqual([
    true,
    false,
    false,
  ]);
});
