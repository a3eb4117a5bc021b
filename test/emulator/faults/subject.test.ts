import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fits } from "../../../emulator/faults/subject.ts";

/** The same by a regular expression, which may take long for patterns that a caller makes up. */
function fitsByExpression(text: string, pattern: string): boolean {
  const parts = pattern.split("*").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`, "s").test(text);
}

describe("a pattern", () => {
  it.each([
    ["abc", "abc", true],
    ["abc", "ab", false],
    ["abc", "*", true],
    ["", "*", true],
    ["abc", "a*c", true],
    ["aba", "ab*ba", false],
    ["a.c", "a*.c", true],
    ["abc", "a.c", false],
    ["line\nbreak", "line*break", true],
  ])("takes %j for %j: %s", (text, pattern, expected) => {
    expect(fits(text, pattern)).toBe(expected);
  });

  it("matches any text for each star", () => {
    const letters = (symbols: string) => fc.string({ unit: fc.constantFrom(...symbols), maxLength: 8 });
    fc.assert(
      fc.property(letters("ab."), letters("ab.*"), (text, pattern) => {
        expect(fits(text, pattern)).toBe(fitsByExpression(text, pattern));
      }),
    );
  });
});
