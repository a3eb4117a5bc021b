import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { CONFUSABLES } from "../../handlers/webhooks/moderation/confusables.ts";
import { confusablesSource } from "../../tools/confusables.ts";

it("is the table in the repository", async () => {
  const file = new URL("../../handlers/webhooks/moderation/confusables.ts", import.meta.url);
  const withoutSpace = (text: string) => text.replace(/[\s,]/g, "");
  expect(withoutSpace(await readFile(file, "utf8"))).toBe(withoutSpace(confusablesSource()));
});

it("maps characters of many scripts to Latin letters and digits, and no letter that is one already", () => {
  const looks = new Map(CONFUSABLES.flatMap(([look, all]) => [...all].map((one) => [one, look])));
  expect([...looks.keys()].filter((one) => /[\p{ASCII}]/u.test(one))).toEqual([]);
  expect(looks.size).toBeGreaterThan(600);
  expect(["о", "Β", "ᴋ", "Ꮪ", "ⲟ", "æ"].map((one) => looks.get(one))).toEqual([
    "o",
    "b",
    "k",
    "s",
    "o",
    "ae",
  ]);
});
