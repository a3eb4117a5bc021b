/** Days by their number in JavaScript's dates. */
export const DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"] as const;

/** A part of a day in local time, `HH:MM`: `from` belongs to it, `to` does not. Midnight at its end is `24:00`. */
export interface Hours {
  readonly from: string;
  readonly to: string;
}

/** When somebody is there. */
export interface OpeningHours {
  /** IANA name, such as `Europe/Berlin`. */
  readonly timeZone: string;
  readonly week: Readonly<Partial<Record<(typeof DAYS)[number], readonly Hours[] | undefined>>>;
  /** Local dates (`YYYY-MM-DD`) on which nobody is there. */
  readonly holidays: readonly string[];
}

const DAY_MS = 86_400_000;
const LONGEST_CLOSED_DAYS = 366;

/**
 * When it opens next: the local date and time, such as `2026-01-06T09:00`, which also names the closed period.
 *
 * @returns `undefined` while it is open, and `never` when no hours come within a year.
 */
export function closedUntil(hours: OpeningHours, at: Date): string | undefined {
  const { date, time } = localTime(at, hours.timeZone);
  if (hoursOn(date, hours).some(({ from, to }) => from <= time && time < to)) return undefined;
  for (let day = 0; day <= LONGEST_CLOSED_DAYS; day++) {
    const next = daysAfter(date, day);
    const starts = hoursOn(next, hours).map(({ from }) => from);
    const [first] = starts.filter((from) => day > 0 || from > time).sort();
    if (first !== undefined) return `${next}T${first}`;
  }
  return "never";
}

function hoursOn(date: string, { week, holidays }: OpeningHours): readonly Hours[] {
  const day = DAYS[new Date(date).getUTCDay()];
  return holidays.includes(date) || day === undefined ? [] : (week[day] ?? []);
}

const daysAfter = (date: string, days: number): string =>
  new Date(Date.parse(date) + days * DAY_MS).toISOString().slice(0, 10);

function localTime(at: Date, timeZone: string): { date: string; time: string } {
  const digits = {
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
  } as const;
  const format = new Intl.DateTimeFormat("en", {
    timeZone,
    calendar: "iso8601",
    hourCycle: "h23",
    ...digits,
  });
  const part = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]));
  return { date: `${part.year}-${part.month}-${part.day}`, time: `${part.hour}:${part.minute}` };
}
