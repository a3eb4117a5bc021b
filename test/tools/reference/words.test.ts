import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { sid, text, wholeNumber, wordList } from "../../../core/input.ts";
import { toJsonSchema } from "../../../tools/reference/schema.ts";
import { valuesOf } from "../../../tools/reference/words.ts";

describe("valuesOf", () => {
  it.each([
    [text(256), "text, up to 256 characters"],
    [v.optional(sid("HX")), "HX and 32 hexadecimal digits"],
    [v.picklist(["a", "b", "c"]), "`a`, `b` or `c`"],
    [wholeNumber(), "a whole number"],
    [wordList(), "words, separated by commas, at most 50 words"],
    [v.union([v.boolean(), text(5)]), "true or false or text, up to 5 characters"],
    [v.array(text(5)), "a list: text, up to 5 characters"],
  ])("describes the values of a field", (schema, words) => {
    expect(valuesOf(toJsonSchema(schema))).toBe(words);
  });
});
