import { describe, expect, it } from "vitest";
import {
  closedUntil,
  momentOf,
  type OpeningHours,
  openUntil,
} from "../../../core/opening-hours/opening-hours.ts";

const office = [
  { from: "09:00", to: "12:30" },
  { from: "13:30", to: "17:00" },
];
const BERLIN: OpeningHours = {
  timeZone: "Europe/Berlin",
  week: { mon: office, tue: office, wed: office, thu: office, fri: office },
  holidays: ["2026-01-06"],
};
const at = (moment: string, hours = BERLIN) => closedUntil(hours, new Date(moment));

describe("closedUntil", () => {
  it.each([
    ["when it opens", "2026-01-05T08:00:00Z", undefined],
    ["in the minute before", "2026-01-05T07:59:59Z", "2026-01-05T09:00"],
    ["when it closes", "2026-01-05T16:00:00Z", "2026-01-07T09:00"],
    ["in the last minute", "2026-01-05T15:59:59Z", undefined],
    ["at noon", "2026-01-05T11:45:00Z", "2026-01-05T13:30"],
    ["on a holiday", "2026-01-06T10:00:00Z", "2026-01-07T09:00"],
    ["on a Friday night", "2026-01-09T22:59:00Z", "2026-01-12T09:00"],
    ["after midnight in local time, and before it in UTC", "2026-01-11T23:30:00Z", "2026-01-12T09:00"],
    ["in summer, in daylight saving time", "2026-07-06T07:00:00Z", undefined],
    ["on the day of the change to daylight saving time", "2026-03-29T08:00:00Z", "2026-03-30T09:00"],
  ])("computes %s", (_when, moment, expected) => expect(at(moment)).toBe(expected));

  it("uses the time zone", () => {
    const moment = "2026-01-05T22:30:00Z";
    expect(at(moment)).toBe("2026-01-07T09:00");
    expect(at(moment, { ...BERLIN, timeZone: "America/Los_Angeles" })).toBeUndefined();
    expect(at(moment, { ...BERLIN, timeZone: "Asia/Kathmandu" })).toBe("2026-01-07T09:00");
  });

  it("accepts a night as two intervals", () => {
    const week = { mon: [{ from: "22:00", to: "24:00" }], tue: [{ from: "00:00", to: "02:00" }] };
    const night = { timeZone: "UTC", week, holidays: [] };
    expect(at("2026-01-05T23:59:59Z", night)).toBeUndefined();
    expect(at("2026-01-06T01:59:00Z", night)).toBeUndefined();
    expect(at("2026-01-06T02:00:00Z", night)).toBe("2026-01-12T22:00");
  });

  it("reports when it never opens", () => {
    expect(at("2026-01-05T10:00:00Z", { timeZone: "UTC", week: {}, holidays: [] })).toBe("never");
  });
});

describe("openUntil", () => {
  const always = Object.fromEntries(
    ["sun", "mon", "tue", "wed", "thu", "fri", "sat"].map((day) => [day, [{ from: "00:00", to: "24:00" }]]),
  );
  const untilOf = (moment: string, week: OpeningHours["week"], holidays: string[] = []) =>
    openUntil({ timeZone: "UTC", week, holidays }, new Date(moment));

  it.each([
    ["at noon", "2026-01-05T11:45:00Z", undefined],
    ["when it opens", "2026-01-05T08:00:00Z", "2026-01-05T12:30"],
    ["in the last minute", "2026-01-05T15:59:59Z", "2026-01-05T17:00"],
    ["on a holiday", "2026-01-06T10:00:00Z", undefined],
  ])("computes %s", (_when, moment, expected) => expect(openUntil(BERLIN, new Date(moment))).toBe(expected));

  it("joins adjacent hours, also across midnight", () => {
    const mon = [
      { from: "22:00", to: "23:00" },
      { from: "23:00", to: "24:00" },
    ];
    const week = { mon, tue: [{ from: "00:00", to: "02:00" }] };
    expect(untilOf("2026-01-05T22:30:00Z", week)).toBe("2026-01-06T02:00");
    expect(untilOf("2026-01-05T22:30:00Z", week, ["2026-01-06"])).toBe("2026-01-06T00:00");
  });

  it("reports when it never closes", () => {
    expect(untilOf("2026-01-05T10:00:00Z", always)).toBe("never");
    expect(untilOf("2026-01-05T10:00:00Z", always, ["2026-01-08"])).toBe("2026-01-08T00:00");
  });
});

describe("momentOf", () => {
  it.each([
    ["in winter", "2026-01-05T09:00", "2026-01-05T08:00:00.000Z"],
    ["in summer", "2026-07-06T09:00", "2026-07-06T07:00:00.000Z"],
    ["after the change to daylight saving time", "2026-03-29T09:00", "2026-03-29T07:00:00.000Z"],
    ["skipped by daylight saving time", "2026-03-29T02:30", "2026-03-29T01:30:00.000Z"],
    ["repeated by daylight saving time", "2026-10-25T02:30", "2026-10-25T00:30:00.000Z"],
  ])("returns a time %s", (_which, local, expected) => {
    expect(momentOf(local, "Europe/Berlin").toISOString()).toBe(expected);
  });
});
