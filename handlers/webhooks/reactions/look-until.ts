import { HandlerError } from "../../../core/errors.ts";
import { scaled } from "../../../core/time-scale.ts";

const LOOKS = 10;
const PAUSE_MS = 200;

/**
 * Looks until it is there, for two seconds: Twilio tells of some things before they are whole.
 *
 * @throws {HandlerError} 503 `not_there_yet`, worth another try.
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
