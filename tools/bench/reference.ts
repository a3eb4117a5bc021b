/** The job whose cold start tells a machine's speed. */
export const COLD_START_JOB = "a token, import twilio";

/** The jobs by which a machine's speed is measured, and what they took where the budgets of time were set. */
const REFERENCES = {
  /** Milliseconds of a cold start above a bare Node process. */
  coldStart: { job: COLD_START_JOB, took: 112, unit: "ms" },
  /** Milliseconds of CPU of a cold start under Lambda's runtime client, above a function that does nothing. */
  lambda: { job: COLD_START_JOB, took: 104, unit: "ms of CPU" },
  /** Microseconds for a message in the store behind node:http. */
  store: { job: "a message, node:http with a store", took: 42.4, unit: "µs" },
} as const;

/** How many times as long a machine takes as the one where the budgets of time were set. */
export interface Slowness {
  readonly times: number;
  /** A sentence for the reader of the budgets. */
  readonly text: string;
}

/**
 * Compares this machine with that where the budgets of time were set, so that a budget is a ratio within one run.
 *
 * @param measured What the job of the reference takes here.
 */
export function slowness(reference: keyof typeof REFERENCES, measured: number): Slowness {
  const { job, took, unit } = REFERENCES[reference];
  const times = measured / took;
  const text = `Budgets of time are times ${times.toFixed(2)}: "${job}" takes ${measured.toFixed(1)} ${unit} here, and took ${took} where they were set.`;
  return { times, text };
}
