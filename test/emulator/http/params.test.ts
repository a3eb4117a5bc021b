import * as fc from "fast-check";
import { expect, it } from "vitest";
import { Params } from "../../../emulator/http/params.ts";

it("reads repeated parameters as a list, and the first of them as one value", () => {
  const params = Params.parse("Filters=a&Filters=b&Url=http%3A%2F%2Fx%2F%3Fy&Body=a+b");
  expect(params.all("Filters")).toEqual(["a", "b"]);
  expect(params.get("Filters")).toBe("a");
  expect(params.get("Url")).toBe("http://x/?y");
  expect(params.get("Body")).toBe("a b");
});

it("distinguishes a parameter without a value from a missing one", () => {
  const params = Params.parse("Body=");
  expect(params.has("Body")).toBe(true);
  expect(params.get("Body")).toBe("");
  expect(params.get("Author")).toBeUndefined();
  expect(params.all("Author")).toEqual([]);
});

it("reads names of an object's prototype as ordinary names", () => {
  expect(Params.parse("").get("__proto__")).toBeUndefined();
  expect(Params.parse("").get("constructor")).toBeUndefined();
  expect(Params.parse("__proto__=x").all("__proto__")).toEqual(["x"]);
});

it("reads back whatever was written", () => {
  const row = fc.tuple(fc.string({ unit: "grapheme" }), fc.string({ unit: "grapheme" }));
  fc.assert(
    fc.property(fc.array(row), (rows) => {
      const params = Params.parse(new URLSearchParams(rows).toString());
      for (const [name] of rows) {
        expect(params.all(name)).toEqual(rows.filter(([other]) => other === name).map(([, value]) => value));
      }
    }),
  );
});

it("parses any text", () => {
  fc.assert(fc.property(fc.string(), (text) => void Params.parse(text).get("Body")));
});
