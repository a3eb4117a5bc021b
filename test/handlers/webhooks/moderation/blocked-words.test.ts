import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import {
  blockedWordFinder,
  canBeBlocked,
  maskFound,
} from "../../../../handlers/webhooks/moderation/blocked-words.ts";

const find = blockedWordFinder(["bad", "ass", "hell", "Müll", "плохо"]);
const { normalize } = String.prototype;
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
    ["b\uFEFFad", "*\uFEFF**"],
    ["b\u3164ad", "****"],
    ["𝐛𝐚𝐝 bad", "*** ***"],
    ["b 𝐚 d and bad", "* * * and ***"],
    ["he11 hel| H3LL h e 1 1", "**** **** **** * * * *"],
    ["asss a s s", "**** * * *"],
    ["b b a a a d", "* * * * * *"],
    ["b. a. d.", "** ** **"],
    ["ʙᴀᴅ", "***"],
    ["ΒΑD", "***"],
    ["ᏏᎪᎠ", "***"],
    ["ɓɑɗ ьаԁ", "*** ***"],
    ["Ø ⓑⓐⓓ 🅑🅐🅓 🅱🅰🅳 🄱🄰🄳", "Ø *** *** *** ***"],
    ["🇧🇦🇩 🇧 🇦 🇩", "*** * * *"],
    ["bad🇩🇪", "*****"],
    ["ʜᴇʟʟ Неӏӏ НΕΙΙ hе||", "**** **** **** ****"],
    ["b\u2060a\u2066d\u2069", "******"],
    ["you \u202edab\u202c man", "you ***** man"],
    ["\u202ed a b", "** * *"],
    ["b\u20dda\u20e3d", "*****"],
    ["плᴏхo", "*****"],
  ])("finds the word in %j", (text, masked) => expect(mask(text)).toBe(masked));

  it.each([
    "class",
    "assume",
    "as good as it gets",
    "a s",
    "heil",
    "mul",
    "hel",
    "badge",
    "a bat",
    "sad",
    "badminton is fun",
    "",
    "1 2 3",
    "B and D",
    "I live in 🇩🇪",
    "🅰 class act",
    "\u202enab\u202c",
  ])("accepts %j", (text) => expect(mask(text)).toBe(text));

  it.each([
    "!".repeat(32_000),
    `x${"…".repeat(10_600)}x you are bad`,
    "b ".repeat(16_000),
    "a1!".repeat(10_000),
    "ﷺ ".repeat(16_000),
    "\u0301\u0323".repeat(16_000),
  ])("handles a long text that is built to be slow", (text) => expect(mask(text)).toHaveLength(text.length));

  it.each(["b ", "a1!", "Неl ", "\u202edab\u202c ", "🅱", "x…", "b a d "])(
    "takes time in proportion to the length of a text of %j",
    (unit) => {
      const steps = (text: string) => {
        let count = 0;
        const normalized = vi.spyOn(String.prototype, "normalize").mockImplementation(function (
          this: string,
        ) {
          count += this.length;
          return normalize.call(this, "NFKD");
        });
        find(text, () => count++);
        normalized.mockRestore();
        return count;
      };
      expect(steps(unit.repeat(2_000))).toBeLessThan(2.1 * steps(unit.repeat(1_000)));
    },
  );

  it.each(["", " ", "***", "🖕", "bad word", "\u200b"])("reports that %j cannot be searched for", (word) =>
    expect(canBeBlocked(word)).toBe(false),
  );

  it("stops when there is no time left", () => {
    const keepTime = () => {
      throw new Error("no time");
    };
    expect(() => find("a text", keepTime)).toThrow("no time");
  });

  it("finds a blocked word in every supported disguise", () => {
    const hidden = fc.stringMatching(
      /^(b|B|8|ｂ|𝐛|ʙ|Β){1,3}[.\u200b\u00ad]?(a|4|@|á|а){1,3}[-_\ufeff]?(d|D|ⓓ|ᴅ){1,3}$/,
    );
    fc.assert(
      fc.property(hidden, fc.constantFrom("", "not ", "𝐚 "), (word, before) => {
        const masked = mask(`${before}${word} bad`);
        expect(masked.startsWith(before)).toBe(true);
        expect(masked.slice(before.length)).toMatch(/^\*+(\ufeff\*+)? \*\*\*$/);
      }),
    );
  });

  it("keeps the length and the whitespace of any text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        const masked = mask(text);
        expect(masked.replace(/\S/gu, "")).toBe(text.replace(/\S/gu, ""));
      }),
    );
  });
});
