import type { Clock } from "../clock.ts";
import { type Limits, TimeLimit } from "./http-client.ts";
import type { ConnectionOverrides, DeliveryError, Failure } from "./overrides.ts";

/** The outcome of an attempt. */
interface Attempted {
  readonly response: { readonly status: number } | null;
  readonly error: DeliveryError | null;
}

/**
 * Attempts once, and again without a pause while the overrides allow it: Twilio documents no pause between attempts.
 * Returns the last attempt.
 */
export async function attemptWithRetries<T extends Attempted>(
  clock: Clock,
  overrides: ConnectionOverrides,
  attempt: (limits: Limits) => Promise<T>,
): Promise<T> {
  const { connectMs, readMs, totalMs, totalError, retries, retryOn } = overrides;
  const total = new TimeLimit();
  const cancelDeadline = clock.deadline(totalMs, () => total.end());
  const limits = { connectMs, readMs, total, totalError };
  try {
    for (let left = retries; ; left -= 1) {
      const attempted = await attempt(limits);
      const failure = failureOf(attempted);
      if (left === 0 || total.isOver || failure === undefined || !retryOn.has(failure)) return attempted;
    }
  } finally {
    cancelDeadline();
  }
}

/** The codes of Twilio's debugger for a connection that failed. */
const connectCodes = [11205, 11210];

function failureOf({ response, error }: Attempted): Failure | undefined {
  if (response === null) return error !== null && connectCodes.includes(error.code) ? "ct" : "rt";
  if (response.status >= 500) return "5xx";
  return response.status >= 400 ? "4xx" : undefined;
}
