import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isoMillis, isoSeconds, parseIsoDate, parseIsoDuration } from "../../emulator/dates.ts";

const seconds = 1000;
const days = 24 * 60 * 60 * seconds;

describe("durations", () => {
  it.each([
    ["PT0S", 0],
    ["PT60000S", 60_000 * seconds],
    ["PT5M", 300 * seconds],
    ["PT24H", days],
    ["P1D", days],
    ["P180D", 180 * days],
    ["P1DT2H3M4S", days + 7384 * seconds],
    ["P2W", 14 * days],
  ])("%s is %i ms", (text, ms) => {
    expect(parseIsoDuration(text)).toBe(ms);
  });

  it.each([
    "",
    "P",
    "PT",
    "P6M",
    "P1Y",
    "5M",
    "PT5",
    "pt5m",
    "P1H",
    "PT1D",
    "P-1D",
    "PT1.5S",
    "P1D2H",
    "P99999999D",
  ])("%j is none", (text) => {
    expect(parseIsoDuration(text)).toBeUndefined();
  });

  it("gives a duration or undefined for any text", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const duration = parseIsoDuration(text);
        expect(duration === undefined || (Number.isSafeInteger(duration) && duration >= 0)).toBe(true);
      }),
    );
  });
});

describe("dates", () => {
  it("reads what it writes", () => {
    const moments = fc.date({ min: new Date(0), max: new Date("2100-01-01"), noInvalidDate: true });
    fc.assert(
      fc.property(moments, (moment) => {
        const ms = moment.getTime();
        expect(parseIsoDate(isoMillis(ms))).toBe(ms);
        expect(parseIsoDate(isoSeconds(ms))).toBe(Math.floor(ms / 1000) * 1000);
      }),
    );
  });

  it("reads a date without time or zone as UTC", () => {
    expect(parseIsoDate("2026-01-05")).toBe(Date.parse("2026-01-05T00:00:00Z"));
    expect(parseIsoDate("2026-01-05T10:00:00")).toBe(Date.parse("2026-01-05T10:00:00Z"));
    expect(parseIsoDate("2026-01-05T10:00:00+02:00")).toBe(Date.parse("2026-01-05T08:00:00Z"));
  });

  it("gives a date or undefined for any text", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const date = parseIsoDate(text);
        expect(date === undefined || Number.isFinite(date)).toBe(true);
      }),
    );
    expect(parseIsoDate("2026-13-45T99:00:00Z")).toBeUndefined();
  });
});
