/** Texts of the page. Moments are shown in UTC, as the APIs and the logs have them. */

const second = 1000;
const units = [
  ["d", 24 * 60 * 60 * second],
  ["h", 60 * 60 * second],
  ["min", 60 * second],
  ["s", second],
] as const;

/** "10:00:05" of an ISO 8601 moment. */
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

/** Why a message did not reach a phone, and what to do, for the codes that one meets often. */
export function explainError(code: number): string | undefined {
  return reasons.get(code);
}

const reasons: ReadonlyMap<number, string> = new Map([
  [21610, "The person has sent STOP to this number. Until they send START, nothing else reaches them."],
  [30003, "The phone is off or cannot be reached."],
  [30004, "The person has blocked the number."],
  [30005, "There is no such phone."],
  [30006, "It is a landline, which takes no texts."],
  [30034, "US carriers take texts from this number only when it is registered (A2P 10DLC)."],
  [63013, "WhatsApp takes no variable that is empty or has line breaks, tabs or more than four spaces."],
  [
    63016,
    "WhatsApp takes free text only within 24 hours of the person's latest message. Before and after that, send an approved template.",
  ],
  [63021, "The channel does not take content or a file like this."],
  [63024, "The person is not on WhatsApp."],
  [63028, "The template needs other variables than it was sent with."],
]);
