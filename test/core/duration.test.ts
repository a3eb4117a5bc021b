import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseDuration } from "../../core/duration.ts";

describe("parseDuration", () => {
  it.each([
    ["PT5M", 300],
    ["PT60000S", 60_000],
    ["P30D", 2_592_000],
    ["P1DT12H", 129_600],
    ["P2W", 1_209_600],
    ["pt0s", 0],
    ["off", 0],
    ["5 minutes", 300],
    ["1 day", 86_400],
    ["90m", 5_400],
    ["1.5 hours", 5_400],
  ])("parses %s as %d seconds", (text, seconds) => expect(parseDuration(text)).toEqual({ seconds }));

  it.each(["P6M", "P1Y", "P1Y2M3D"])("explains why %s is not a duration", (text) => {
    expect(parseDuration(text)).toMatchObject({ problem: expect.stringContaining("P180D") });
  });

  it.each(["", "P", "PT", "5", "five minutes", "5 fortnights", "P1DT", "-PT5M"])("rejects %j", (text) => {
    expect(parseDuration(text)).toHaveProperty("problem");
  });

  it("parses any text without throwing", () => {
    fc.assert(fc.property(fc.string(), (text) => void parseDuration(text)));
  });
});
