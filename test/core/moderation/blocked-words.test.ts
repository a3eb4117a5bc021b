import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { blockedWordFinder, maskFound } from "../../../core/moderation/blocked-words.ts";

const find = blockedWordFinder(["bad", "ass", "Müll", "плохо"]);
const mask = (text: string) => maskFound(text, find(text));

describe("blockedWordFinder", () => {
  it.each([
    ["you are bad", "you are ***"],
    ["BAD!", "****"],
    ["b4d", "***"],
    ["b@d idea", "*** idea"],
    ["baaaaad", "*******"],
    ["b.a.d", "*****"],
    ["so b a d today", "so * * * today"],
    ["you are a b a d man", "you are a * * * man"],
    ["I b a d", "I * * *"],
    ["bád", "***"],
    ["so-bad", "******"],
    ["ｂａｄ", "***"],
    ["bаd", "***"],
    ["mull it over", "**** it over"],
    ["Очень ПЛОХО", "Очень *****"],
    ["b\u200Bad", "****"],
  ])("finds the word in %j", (text, masked) => expect(mask(text)).toBe(masked));

  it.each(["class", "assume", "badge", "a bat", "sad", "badminton is fun", "", "1 2 3", "B and D"])(
    "lets %j pass",
    (text) => expect(mask(text)).toBe(text),
  );

  it.each([
    "!".repeat(32_000),
    `x${"…".repeat(10_600)}x you are bad`,
    "b ".repeat(16_000),
    "a1!".repeat(10_000),
  ])("gets through a long text that was made to be slow", (text) =>
    expect(mask(text)).toHaveLength(text.length),
  );

  it("keeps the length and the white space of any text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        const masked = mask(text);
        expect(masked.replace(/\S/gu, "")).toBe(text.replace(/\S/gu, ""));
      }),
    );
  });
});
