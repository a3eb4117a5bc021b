import { createRequire } from "node:module";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { deployFile, partsOf } from "../../../tools/deploy/variables.ts";

/** The parser of Twilio's tool. */
const { parse } = createRequire(import.meta.url)("dotenv") as {
  parse(text: string): Record<string, string>;
};
const KEYS = { ACCOUNT_SID: "AC", AUTH_TOKEN: "token" };

describe("the file of variables for Twilio's tool", () => {
  it("has any value in parts that Twilio accepts and the tool keeps, which together are the value", () => {
    const texts = fc
      .array(fc.constantFrom("a", " ", "'", '"', "\\", "ä", "🙂", ","), { minLength: 1, maxLength: 2_000 })
      .map((characters) => `{${characters.join("")}}`);
    fc.assert(
      fc.property(texts, (text) => {
        const read = Object.entries(parse(deployFile(["RULES"], { ...KEYS, RULES: text }))).filter(([name]) =>
          name.startsWith("RULES"),
        );
        expect(read.filter(([, part]) => Buffer.byteLength(part) > 450)).toEqual([]);
        const parts = read.reverse().map(([, part]) => part);
        const whole = parts.map((part, index) => (index < parts.length - 1 ? part.slice(0, -1) : part));
        expect(whole.join("")).toBe(text);
      }),
      { numRuns: 50 },
    );
  });

  it("numbers the parts, and has the last one first", () => {
    const parts = partsOf("USERS", "x".repeat(1_000));
    expect(parts.map(([name, part]) => [name, part.length])).toEqual([
      ["USERS_3", 102],
      ["USERS_2", 450],
      ["USERS", 450],
    ]);
    expect(partsOf("USERS", "x")).toEqual([["USERS", "x"]]);
  });
});
