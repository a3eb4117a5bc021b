import * as v from "valibot";
import { DAYS } from "./opening-hours.ts";

const hours = () =>
  v.pipe(
    v.string("must be text"),
    v.regex(
      /^([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)$/,
      'must be hours such as "09:00-17:30"',
    ),
    v.transform((value) => ({ from: value.slice(0, 5), to: value.slice(6) })),
    v.check(
      ({ from, to }) => from < to,
      "must end after it begins; split hours past midnight: until 24:00, and from 00:00",
    ),
  );

/** The hours of each day: `{"mon":["09:00-12:30","13:30-17:00"]}`. A day that is not named is closed. */
export const week = v.strictObject(
  v.entriesFromList(DAYS, v.optional(v.array(hours(), 'must be a list such as ["09:00-17:30"]'))),
);

const isTimeZone = (name: string): boolean => {
  try {
    return Intl.DateTimeFormat("en", { timeZone: name }) !== undefined;
  } catch {
    return false;
  }
};

/** An IANA time zone. */
export const timeZone = () =>
  v.pipe(
    v.string(),
    v.check(isTimeZone, 'must be an IANA time zone such as "Europe/Berlin"'),
    v.description('an IANA time zone such as "Europe/Berlin"'),
  );

/** A local date. */
export const holiday = () => v.pipe(v.string(), v.isoDate("must be a date such as 2026-12-25"));

/** The entries of an object of opening hours. */
export const openingHoursEntries = {
  timeZone: timeZone(),
  week,
  holidays: v.optional(v.array(holiday()), []),
};
