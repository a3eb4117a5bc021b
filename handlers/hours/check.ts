import * as v from "valibot";
import { backEnd } from "../../core/access/back-end.ts";
import { InvalidInput } from "../../core/errors.ts";
import { defineHandler } from "../../core/handler.ts";
import { jsonObject, jsonText, wordList } from "../../core/input.ts";
import {
  closedUntil,
  isHoliday,
  localOf,
  momentOf,
  type OpeningHours,
  openUntil,
} from "../../core/opening-hours/opening-hours.ts";
import { holiday, openingHoursEntries, timeZone, week } from "../../core/opening-hours/schema.ts";

const WEEK = 'must be a JSON object such as {"mon":["09:00-17:30"]}';

/** A date and time: ISO 8601 with an offset, or seconds since the epoch. */
const moment = () =>
  v.pipe(
    v.string("must be text"),
    v.description('a date and time such as "2026-01-05T09:30:00Z", or seconds since 1970'),
    v.trim(),
    v.regex(
      /^\d{1,11}$|^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)$/,
      'must be a date and time such as "2026-01-05T09:30:00Z", or seconds since 1970',
    ),
    v.transform((text) => new Date(/^\d+$/.test(text) ? Number(text) * 1_000 : text)),
    v.check((date) => !Number.isNaN(date.getTime()), "must be an existing date"),
  );

/**
 * Checks whether it is open now, and until when: by `OPENING_HOURS`, a JSON object, or by the hours in the call. Nothing is
 * stored, so it is safe to repeat.
 */
export default defineHandler({
  access: backEnd("conversations:read"),
  env: {
    OPENING_HOURS: v.optional(
      v.pipe(
        v.string(),
        v.parseJson(undefined, "must be a JSON object of opening hours"),
        v.strictObject(openingHoursEntries),
      ),
    ),
  },
  input: v.strictObject({
    /** The time to check, such as a message's `DateCreated`: ISO 8601, or seconds since 1970. Now if omitted. */
    at: v.optional(moment()),
    /** IANA name, such as `Europe/Berlin`. That of `OPENING_HOURS` if omitted. */
    timeZone: v.optional(timeZone()),
    /** The hours of each day: `{"mon":["09:00-12:30","13:30-17:00"]}`. Those of `OPENING_HOURS` if omitted. */
    week: v.optional(
      v.pipe(
        v.union([jsonText(WEEK), jsonObject(week)], WEEK),
        v.description('a JSON object such as {"mon":["09:00-17:30"]}'),
        week,
      ),
    ),
    /** Local dates on which it is closed. Those of `OPENING_HOURS` if omitted. */
    holidays: v.optional(v.pipe(wordList(), v.array(holiday()))),
  }),
  async run({ at = new Date(), ...given }, { env }) {
    const hours = hoursFrom(given, env.OPENING_HOURS);
    const open = openUntil(hours, at);
    const until = open ?? closedUntil(hours, at) ?? "never";
    return {
      status: open === undefined ? ("closed" as const) : ("open" as const),
      /** Until when, as a local date and time such as `2026-01-06T09:00`; `never` if that does not change within a year. */
      until,
      /** The same in UTC, ISO 8601; `null` for `never`. */
      untilAt: until === "never" ? null : momentOf(until, hours.timeZone).toISOString(),
      /** The local date and time of `at`. */
      localTime: localOf(at, hours.timeZone),
      timeZone: hours.timeZone,
      /** Whether that day is a holiday. */
      isHoliday: isHoliday(hours, at),
    };
  },
});

function hoursFrom(
  given: { [Part in keyof OpeningHours]?: OpeningHours[Part] | undefined },
  settings: OpeningHours | undefined,
): OpeningHours {
  const timeZone = given.timeZone ?? settings?.timeZone;
  const week = given.week ?? settings?.week;
  if (timeZone === undefined || week === undefined) {
    const field = week === undefined ? "week" : "timeZone";
    throw new InvalidInput(`${field} is missing. Add it to the request, or set OPENING_HOURS.`, { field });
  }
  return { timeZone, week, holidays: given.holidays ?? settings?.holidays ?? [] };
}
