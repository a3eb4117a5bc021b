import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  defaultTexts,
  LANGUAGE_CODES,
  readAnswer,
} from "../../../../handlers/whatsapp/introduction/answers.ts";

const NO_WORDS = { yes: [], no: [] };
const read = (body: string | undefined, language = "en") => readAnswer(body, language, NO_WORDS);

describe("readAnswer", () => {
  it.each([
    "yes",
    "Yes!",
    " YES ",
    "y",
    "Yes please",
    "yes, of course",
    "Sure 🙂",
    "ok",
    "👍🏽",
    "Of course!",
    "Yes I am",
    "please do",
  ])("parses %j as a yes", (body) => expect(read(body)).toBe("yes"));

  it.each(["no", "No.", "NOPE", "no thanks", "No, thank you", "not now", "👎", "no way", "Never!"])(
    "parses %j as a no",
    (body) => expect(read(body)).toBe("no"),
  );

  it.each([
    "STOP",
    "stop.",
    "Unsubscribe",
    "Cancel",
    "stopall",
    "End",
    "quit",
    "REVOKE",
    "optout",
    "ok stop",
    "Yes stop",
    "please stop texting me",
    "Stop!!!",
  ])("parses %j as a stop", (body) => expect(read(body)).toBe("stop"));

  it.each([
    "who is this?",
    "yes but not now",
    "yes or no?",
    "no idea, yes maybe",
    "Yesterday I ordered something",
    "nobody told me",
    "Okay I refuse",
    "ok I cannot",
    "ok can't",
    "yes I wont",
    "sure, leave me alone",
    "No problem!",
    "no worries",
    "don't stop",
    "the end of the street",
    "Please do not stop the delivery because I am on my way home",
    "",
    "   ",
    "…",
    undefined,
  ])("parses %j as unclear", (body) => expect(read(body)).toBe("unclear"));

  it.each([
    ["de", "Ja, gerne", "yes"],
    ["de", "Nein danke!", "no"],
    ["es", "¡Sí!", "yes"],
    ["fr", "D'accord", "yes"],
    ["fr", "non merci", "no"],
    ["it", "sì", "yes"],
    ["nl", "Nee, bedankt", "no"],
    ["pt", "NÃO", "no"],
    ["de", "yes", "yes"],
    ["en", "ja", "unclear"],
  ])("in %s parses %j as %s", (language, body, expected) => expect(read(body, language)).toBe(expected));

  it("prefers an invitation's own words to the language's", () => {
    const own = { yes: ["No problem", "Connect me"], no: ["Okay, leave me alone"] };
    expect(readAnswer("no problem", "en", own)).toBe("yes");
    expect(readAnswer("CONNECT ME!", "en", own)).toBe("yes");
    expect(readAnswer("Okay, leave me alone", "en", own)).toBe("no");
  });

  it("parses any text without throwing", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "binary" }),
        fc.constantFrom(...LANGUAGE_CODES, "xx"),
        (body, language) => {
          expect(["yes", "no", "stop", "unclear"]).toContain(read(body, language));
        },
      ),
    );
  });
});

describe("defaultTexts", () => {
  it("has texts for every language with answer words, and English otherwise", () => {
    for (const code of LANGUAGE_CODES)
      expect(Object.values(defaultTexts(code)).every((text) => text.length > 0)).toBe(true);
    expect(defaultTexts("xx")).toEqual(defaultTexts("en"));
  });
});
