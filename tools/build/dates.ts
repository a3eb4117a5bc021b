/*
 * Replaces dayjs in the bundles. Twilio's resource classes use it only for dates in the API's JSON, which are all in UTC and in
 * ISO 8601, as `Date` parses them; it would be a tenth of a bundle.
 */

interface Moment {
  isValid(): boolean;
  toDate(): Date;
  /** The two patterns used by the resource classes. */
  format(pattern: "YYYY-MM-DD" | "YYYY-MM-DD[T]HH:mm:ss[Z]"): string;
}

function utc(value?: string | number | Date | null): Moment {
  const date = value === undefined ? new Date() : new Date(value ?? Number.NaN);
  return {
    isValid: () => !Number.isNaN(date.getTime()),
    toDate: () => date,
    format(pattern) {
      const text = date.toISOString();
      return pattern === "YYYY-MM-DD" ? text.slice(0, 10) : `${text.slice(0, 19)}Z`;
    },
  };
}

export default { utc, extend: () => undefined };
