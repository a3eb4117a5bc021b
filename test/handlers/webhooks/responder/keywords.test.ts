import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hasWord, keywordFinder, linesOfWords } from "../../../../handlers/webhooks/responder/keywords.ts";

const finds = (keyword: string, text: string) => keywordFinder([keyword])(linesOfWords(text));

describe("keywordFinder", () => {
  it.each([
    ["hours", "Hours?"],
    ["hours", "what are your HOURS, please"],
    ["opening hours", "Your opening   hours!"],
    ["Öffnungszeiten", "öffnungszeiten"],
    ["straße", "STRASSE"],
    ["часы", "ЧАСЫ работы"],
    ["ώρες", "ΏΡΕΣ"],
    ["don't", "I don’t know"],
    ["営業時間", "営業時間は何時ですか"],
    ["ราคา", "ราคาเท่าไหร่"],
    ["👍", "ok 👍🏽"],
    ["ＨＥＬＰ", "help"],
  ])("finds %s in %s", (keyword, text) => expect(finds(keyword, text)).toBe(true));

  it.each([
    ["age", "agent"],
    ["hours", "24hours"],
    ["opening hours", "opening your hours"],
    ["hours opening", "opening hours"],
    ["price", ""],
    ["price", "…!?"],
  ])("does not find %s in %s", (keyword, text) => expect(finds(keyword, text)).toBe(false));

  it("searches for several keywords", () => {
    const find = keywordFinder(["price", "prices"]);
    expect(["the price", "Prices", "priced"].map((text) => find(linesOfWords(text)))).toEqual([
      true,
      true,
      false,
    ]);
  });

  it("finds a keyword between any other words", () => {
    const word = fc.stringMatching(/^[a-zäöü]{1,8}$/);
    fc.assert(
      fc.property(fc.array(word), word, fc.array(word), (before, keyword, after) =>
        finds(keyword.toUpperCase(), [...before, keyword, ...after].join(", ")),
      ),
    );
  });
});

it.each(["", " ", "?!", "\n"])("hasWord returns false for %j", (text) => expect(hasWord(text)).toBe(false));
