const mostSeconds = 4096;
const seconds = new Map<number, string>();

/**
 * `YYYY-MM-DDTHH:MM:SSZ`, the format of REST responses. Lists have many equal dates, so the latest are cached.
 */
export function isoSeconds(ms: number): string {
  const second = Math.floor(ms / 1000);
  const known = seconds.get(second);
  if (known !== undefined) return known;
  const text = `${new Date(ms).toISOString().slice(0, 19)}Z`;
  if (seconds.size === mostSeconds) seconds.clear();
  seconds.set(second, text);
  return text;
}

let last = { ms: Number.NaN, text: "" };

/** `YYYY-MM-DDTHH:MM:SS.mmmZ`, the format of webhooks. The latest is cached, since one event uses it several times. */
export function isoMillis(ms: number): string {
  if (ms !== last.ms) last = { ms, text: new Date(ms).toISOString() };
  return last.text;
}

const isoDate = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})?)?$/;

/** Milliseconds since the epoch of an ISO 8601 date or date and time, UTC unless it says otherwise. */
export function parseIsoDate(text: string): number | undefined {
  if (!isoDate.test(text)) return undefined;
  const hasZone = /(Z|[+-]\d{2}:?\d{2})$/.test(text) && text.includes("T");
  const ms = Date.parse(hasZone || !text.includes("T") ? text : `${text}Z`);
  return Number.isNaN(ms) ? undefined : ms;
}

const isoDuration = /^P(?:(\d+)W|(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?)$/;

/**
 * Milliseconds of an ISO 8601 duration in weeks, days or smaller units ("PT24H", "P1D", "PT0S"), or undefined.
 * Months and years have no fixed length and are rejected ("Using States and Timers in Conversations").
 */
export function parseIsoDuration(text: string): number | undefined {
  const match = isoDuration.exec(text);
  if (match === null || match.slice(1).every((part) => part === undefined)) return undefined;
  const [weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0] = match
    .slice(1)
    .map((part) => Number(part ?? 0));
  const total = ((((weeks * 7 + days) * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000;
  return total <= longestDurationMs ? total : undefined;
}

/** A hundred years, so that every resulting date is valid. */
const longestDurationMs = 100 * 366 * 24 * 60 * 60 * 1000;
