import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readKeys } from "../../../core/state/keys.ts";
import { openRecord, sealRecord } from "../../../core/state/record.ts";

const keysOf = (secrets: string) => readKeys({ STATE_SECRET: secrets });
const [OLD, NEW] = ["the old secret of the state", "the new secret of the state"];
const bound = ["message", "CH1", "system"];

describe("a record", () => {
  const keys = keysOf(OLD);
  const sealed = sealRecord(keys, "lock", bound, { by: "r1" });

  it("is valid at its own position, also after its JSON text was serialized again", () => {
    const rewritten: unknown = JSON.parse(JSON.stringify({ a: 1, parley: sealed })).parley;
    expect(openRecord(keys, rewritten, [["name", "x"], bound])).toEqual({
      is: "ours",
      purpose: "lock",
      value: { by: "r1" },
    });
  });

  it("is forged at any other position, and absent where there is none", () => {
    for (const other of [
      ["message", "CH2", "system"],
      ["message", "CH1", "mallory"],
      ["message", "CH1"],
      [],
    ]) {
      expect(openRecord(keys, sealed, [other])).toEqual({ is: "forged" });
    }
    expect(openRecord(keys, undefined, [bound])).toEqual({ is: "none" });
  });

  it("is invalid after a change of any character", () => {
    fc.assert(
      fc.property(fc.nat(sealed.length - 1), fc.string({ minLength: 1, maxLength: 1 }), (at, character) => {
        fc.pre(sealed[at] !== character);
        const changed = sealed.slice(0, at) + character + sealed.slice(at + 1);
        expect(openRecord(keys, changed, [bound]).is).not.toBe("ours");
      }),
    );
  });

  it.each([1, null, {}, "", "1.", "{}", JSON.stringify({ by: "r1", is: "lock" }), [sealed]])(
    "is not %j",
    (text) => {
      expect(openRecord(keys, text, [bound])).toEqual({ is: "forged" });
    },
  );

  it("of the other key is valid during a rotation, and foreign after it", () => {
    const both = keysOf(`${NEW},${OLD}`);
    expect(openRecord(both, sealed, [bound]).is).toBe("ours");
    expect(openRecord(keysOf(NEW), sealed, [bound])).toEqual({ is: "foreign" });
    const renewed = sealRecord(both, "lock", bound, { by: "r2" });
    expect(openRecord(keysOf(NEW), renewed, [bound])).toEqual({
      is: "ours",
      purpose: "lock",
      value: { by: "r2" },
    });
  });
});

describe("names", () => {
  it("stay the same while a new secret rolls out, and differ by purpose", () => {
    const name = (secrets: string, purpose = "lock") => keysOf(secrets).last.mac(purpose, ["CH1"]);
    expect(name(`${NEW},${OLD}`)).toBe(name(OLD));
    expect(name(NEW)).not.toBe(name(OLD));
    expect(name(OLD, "pair")).not.toBe(name(OLD));
  });

  it("derive from the API key's secret where there is no other", () => {
    const borrowed = readKeys({ TWILIO_API_KEY_SECRET: OLD, AUTH_TOKEN: "a".repeat(32) });
    expect(borrowed.areBorrowed).toBe(true);
    expect(borrowed.first.id).toBe(keysOf(OLD).first.id);
    expect(() => readKeys({})).toThrow("STATE_SECRET");
    expect(() => readKeys({ STATE_SECRET: "short" })).toThrow("STATE_SECRET");
  });
});
