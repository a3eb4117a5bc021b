const SECONDS: ReadonlyMap<string, number> = new Map([
  ["s", 1],
  ["second", 1],
  ["seconds", 1],
  ["m", 60],
  ["min", 60],
  ["minute", 60],
  ["minutes", 60],
  ["h", 3_600],
  ["hour", 3_600],
  ["hours", 3_600],
  ["d", 86_400],
  ["day", 86_400],
  ["days", 86_400],
  ["week", 604_800],
  ["weeks", 604_800],
]);

const ISO = /^P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/i;
const ISO_SECONDS = [604_800, 86_400, 3_600, 60, 1];

/** A duration in seconds, or why the text is not one. */
export type ParsedDuration = { readonly seconds: number } | { readonly problem: string };

/**
 * Reads a duration: ISO 8601 in days or smaller units (docs: States and timers), or plain words such as `5 minutes` and
 * `30 days`. `off` and `PT0S` are zero.
 */
export function parseDuration(text: string): ParsedDuration {
  const value = text.trim();
  if (/^(off|none|never)$/i.test(value)) return { seconds: 0 };
  if (/^P\d+(\.\d+)?[YM]/i.test(value)) {
    return {
      problem:
        "has months or years, which differ in length, so Twilio does not take them. Write days, such as P180D for half " +
        "a year, or PT6M if you mean six minutes",
    };
  }
  const iso = ISO.exec(value);
  if (iso && value.length > 2 && !/T$/i.test(value)) {
    return {
      seconds: iso
        .slice(1)
        .reduce((sum, part, index) => sum + Number(part ?? 0) * (ISO_SECONDS[index] ?? 0), 0),
    };
  }
  const words = /^(\d+(?:\.\d+)?)\s*([a-z]+)$/i.exec(value);
  const unit = SECONDS.get(words?.[2]?.toLowerCase() ?? "");
  if (words && unit !== undefined) return { seconds: Number(words[1]) * unit };
  return { problem: 'must be a duration such as "PT5M", "P30D", "5 minutes" or "30 days", or "off"' };
}
