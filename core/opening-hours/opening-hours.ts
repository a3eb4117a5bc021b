/** Days, in the order of JavaScript's `getUTCDay`. */
export const DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"] as const;

/** A part of a day in local time, `HH:MM`: including `from`, excluding `to`. Midnight at its end is `24:00`. */
export interface Hours {
  readonly from: string;
  readonly to: string;
}

/** Opening hours of each weekday, and holidays. */
export interface OpeningHours {
  /** IANA name, such as `Europe/Berlin`. */
  readonly timeZone: string;
  readonly week: Readonly<Partial<Record<(typeof DAYS)[number], readonly Hours[] | undefined>>>;
  /** Local dates (`YYYY-MM-DD`) on which it is closed. */
  readonly holidays: readonly string[];
}

const DAY_MS = 86_400_000;
const LONGEST_DAYS = 366;
const MINUTE_MS = 60_000;

/**
 * When it opens next: the local date and time, such as `2026-01-06T09:00`, which also names the closed period.
 *
 * @returns `undefined` while it is open, and `never` if it does not open within a year.
 */
export function closedUntil(hours: OpeningHours, at: Date): string | undefined {
  const { date, time } = localTime(at, hours.timeZone);
  if (isWithin(hoursOn(date, hours), time)) return undefined;
  for (let day = 0; day <= LONGEST_DAYS; day++) {
    const next = daysAfter(date, day);
    const starts = hoursOn(next, hours).map(({ from }) => from);
    const [first] = starts.filter((from) => day > 0 || from > time).sort();
    if (first !== undefined) return `${next}T${first}`;
  }
  return "never";
}

/**
 * When it closes next: the local date and time, such as `2026-01-06T17:00`. Hours without a gap between them count as one.
 *
 * @returns `undefined` while it is closed, and `never` if it does not close within a year.
 */
export function openUntil(hours: OpeningHours, at: Date): string | undefined {
  const { date, time } = localTime(at, hours.timeZone);
  if (!isWithin(hoursOn(date, hours), time)) return undefined;
  let until = time;
  for (let day = 0; day <= LONGEST_DAYS; day++) {
    const today = daysAfter(date, day);
    const all = hoursOn(today, hours);
    for (let next = endOf(all, until); next !== undefined; next = endOf(all, until)) until = next;
    if (until !== "24:00") return `${today}T${until}`;
    until = "00:00";
    const tomorrow = daysAfter(today, 1);
    if (!isWithin(hoursOn(tomorrow, hours), until)) return `${tomorrow}T00:00`;
  }
  return "never";
}

/** Whether the local date is a holiday. */
export const isHoliday = ({ holidays, timeZone }: OpeningHours, at: Date): boolean =>
  holidays.includes(localTime(at, timeZone).date);

/**
 * The moment of a local date and time such as `2026-01-06T09:00`. A time that a clock change skips is read with the offset
 * before the change; of a time that occurs twice, the earlier moment is returned.
 */
export function momentOf(local: string, timeZone: string): Date {
  const wanted = Date.parse(`${local}:00Z`);
  const offsetAt = (moment: number): number => {
    const { date, time } = localTime(new Date(moment), timeZone);
    return Date.parse(`${date}T${time}:00Z`) - Math.floor(moment / MINUTE_MS) * MINUTE_MS;
  };
  const guesses = [wanted - DAY_MS, wanted + DAY_MS].map((moment) => wanted - offsetAt(moment));
  const right = guesses.filter((moment) => moment + offsetAt(moment) === wanted);
  return new Date(right.length > 0 ? Math.min(...right) : Math.max(...guesses));
}

/** The local date and time of a moment, such as `2026-01-06T09:00`. */
export function localOf(at: Date, timeZone: string): string {
  const { date, time } = localTime(at, timeZone);
  return `${date}T${time}`;
}

const isWithin = (all: readonly Hours[], time: string): boolean =>
  all.some(({ from, to }) => from <= time && time < to);

/** The latest end of the hours that contain a time. */
const endOf = (all: readonly Hours[], time: string): string | undefined =>
  all
    .filter(({ from, to }) => from <= time && time < to)
    .map(({ to }) => to)
    .sort()
    .at(-1);

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
