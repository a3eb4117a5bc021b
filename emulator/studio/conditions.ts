/** Compares two values, which are trimmed and in lower case. */
type Comparison = (value: string, other: string) => boolean;

const listed: Comparison = (value, other) =>
  other
    .split(",")
    .map((one) => one.trim())
    .includes(value);

/** The conditions of Split Based On ("Split Based On... widget": case and surrounding white space are ignored). */
const comparisons: Readonly<Record<string, Comparison>> = {
  equal_to: (value, other) => value === other,
  not_equal_to: (value, other) => value !== other,
  matches_any_of: listed,
  does_not_match_any_of: (value, other) => !listed(value, other),
  contains: (value, other) => value.includes(other),
  does_not_contain: (value, other) => !value.includes(other),
  starts_with: (value, other) => value.startsWith(other),
  does_not_start_with: (value, other) => !value.startsWith(other),
  is_blank: (value) => value === "",
  is_not_blank: (value) => value !== "",
  less_than: (value, other) => compare(numberOf(value), numberOf(other)) < 0,
  greater_than: (value, other) => compare(numberOf(value), numberOf(other)) > 0,
  is_before_date: (value, other) => compare(dateOf(value), dateOf(other)) < 0,
  is_after_date: (value, other) => compare(dateOf(value), dateOf(other)) > 0,
  is_before_time: (value, other) => compare(timeOf(value), timeOf(other)) < 0,
  is_after_time: (value, other) => compare(timeOf(value), timeOf(other)) > 0,
};

/** The types of conditions; `regex` is parsed with its case, and matched case-insensitively. */
export const conditionTypes: readonly string[] = [...Object.keys(comparisons), "regex"];

/** Whether a condition holds; undefined if the pattern is not a regular expression. */
export function holds(type: string, value: string, other: string): boolean | undefined {
  if (type === "regex") return matchesWhole(value.trim(), other.trim());
  const [left, right] = [value.trim().toLowerCase(), other.trim().toLowerCase()];
  return Object.hasOwn(comparisons, type) && (comparisons[type]?.(left, right) ?? false);
}

/** A pattern must match the whole value. */
function matchesWhole(value: string, pattern: string): boolean | undefined {
  try {
    return new RegExp(`^(?:${pattern})$`, "i").test(value);
  } catch {
    return undefined;
  }
}

/** Values that cannot be compared are neither less nor greater. */
function compare(a: number | undefined, b: number | undefined): number {
  return a === undefined || b === undefined ? 0 : a - b;
}

function numberOf(text: string): number | undefined {
  return /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/.test(text) ? Number(text) : undefined;
}

function dateOf(text: string): number | undefined {
  const day = /^\d{4}-\d{2}-\d{2}(?=$|t| )/.exec(text)?.[0];
  const ms = Date.parse(`${day}T00:00:00Z`);
  return day === undefined || Number.isNaN(ms) ? undefined : ms;
}

function timeOf(text: string): number | undefined {
  const [, hours, minutes] = /^([01]\d|2[0-3]):([0-5]\d)(?::[0-5]\d)?$/.exec(text) ?? [];
  return hours === undefined ? undefined : Number(hours) * 60 + Number(minutes);
}
