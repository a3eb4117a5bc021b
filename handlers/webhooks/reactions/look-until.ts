import { HandlerError } from "../../../core/errors.ts";
import { scaled } from "../../../core/time-scale.ts";

const LOOKS = 10;
const PAUSE_MS = 200;

/**
 * Reads until a condition holds, for two seconds: Twilio calls some webhooks before the resources are complete.
 *
 * @throws {HandlerError} 503 `not_there_yet`; the call can be repeated.
 */
export async function lookUntil<Found>(
  look: () => Promise<Found>,
  isThere: (found: Found) => boolean,
  missing: string,
): Promise<Found> {
  for (let looks = 1; ; looks++) {
    const found = await look();
    if (isThere(found)) return found;
    if (looks === LOOKS) throw new HandlerError(503, "not_there_yet", `${missing} Try again.`);
    await new Promise((resolve) => setTimeout(resolve, scaled(PAUSE_MS)));
  }
}
