/** Texts of the page. Times are in UTC, as in the APIs and logs. */

const second = 1000;
const units = [
  ["d", 24 * 60 * 60 * second],
  ["h", 60 * 60 * second],
  ["min", 60 * second],
  ["s", second],
] as const;

/** "10:00:05" of an ISO 8601 time. */
export function timeOf(moment: string): string {
  return moment.slice(11, 19);
}

/** "Mon 5 Jan 2026, 10:00:05 UTC" of milliseconds since the epoch. */
export function dateAndTime(ms: number): string {
  const day = new Intl.DateTimeFormat("en-GB", {
    weekday: "short",
    day: "numeric",
    month: "short",
    year: "numeric",
    timeZone: "UTC",
  });
  return `${day.format(ms)} ${new Date(ms).toISOString().slice(11, 19)} UTC`;
}

/** "23 h 59 min": the two largest units of a time span in milliseconds. */
export function spanOf(ms: number): string {
  let left = Math.max(0, Math.ceil(ms / second) * second);
  const parts: string[] = [];
  for (const [name, size] of units) {
    const count = Math.floor(left / size);
    left -= count * size;
    if (count > 0) parts.push(`${count} ${name}`);
  }
  return parts.slice(0, 2).join(" ") || "0 s";
}

/** "34 ms" or "5.0 s" of a duration in milliseconds. */
export function durationOf(ms: number): string {
  return ms < second ? `${Math.round(ms)} ms` : `${(ms / second).toFixed(1)} s`;
}

/** Common error codes of deliveries: the reason, and how to fix it. */
export function explainError(code: number): string | undefined {
  return reasons.get(code);
}

const reasons: ReadonlyMap<number, string> = new Map([
  [21610, "The person has sent STOP to this number. They receive no messages until they send START."],
  [30003, "The phone is off or cannot be reached."],
  [30004, "The person has blocked the number."],
  [30005, "The phone number does not exist."],
  [30006, "It is a landline, which cannot receive texts."],
  [30034, "US carriers accept texts from this number only if it is registered (A2P 10DLC)."],
  [63013, "WhatsApp rejects variables that are empty or have line breaks, tabs or more than four spaces."],
  [
    63016,
    "WhatsApp accepts free text only within 24 hours of the person's latest message. Otherwise send an approved template.",
  ],
  [63021, "The channel does not support this content or file type."],
  [63024, "The person is not on WhatsApp."],
  [63028, "The variables do not match those of the template."],
]);
