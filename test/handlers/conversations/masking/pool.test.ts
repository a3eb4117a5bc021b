import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { proxiesFor } from "../../../../handlers/conversations/masking/pool.ts";

const POOL = ["+15550000001", "+15550000002", "+15550000003", "+15550000004", "whatsapp:+15550000001"];
const person = () => fc.integer({ min: 2_000_000_000, max: 9_999_999_999 }).map((number) => `+1${number}`);

describe("the order of proxy addresses for a person", () => {
  it("does not depend on the order of the pool, and contains only the person's channel", () => {
    fc.assert(
      fc.property(person(), fc.shuffledSubarray(POOL, { minLength: POOL.length }), (who, pool) => {
        expect(proxiesFor(who, pool)).toEqual(proxiesFor(who, POOL));
        expect(proxiesFor(who, POOL).toSorted()).toEqual(POOL.slice(0, 4));
      }),
    );
    expect(proxiesFor("whatsapp:+15558675310", POOL)).toEqual(["whatsapp:+15550000001"]);
    expect(proxiesFor("messenger:123", POOL)).toEqual([]);
  });

  it("stays the same for the others when an address leaves the pool", () => {
    fc.assert(
      fc.property(person(), fc.constantFrom(...POOL.slice(0, 4)), (who, gone) => {
        const before = proxiesFor(who, POOL).filter((proxy) => proxy !== gone);
        const after = proxiesFor(
          who,
          POOL.filter((proxy) => proxy !== gone),
        );
        expect(after).toEqual(before);
      }),
    );
  });

  it("spreads people over the whole pool", () => {
    const people = Array.from({ length: 400 }, (_, index) => `+1555${1_000_000 + index}`);
    const firsts = people.map((who) => proxiesFor(who, POOL)[0]);
    for (const proxy of POOL.slice(0, 4)) {
      expect(firsts.filter((first) => first === proxy).length).toBeGreaterThan(50);
    }
  });

  it("omits the person's own address", () => {
    expect(proxiesFor("+15550000001", POOL)).not.toContain("+15550000001");
  });
});
