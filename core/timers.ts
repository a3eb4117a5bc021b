import * as v from "valibot";
import { parseDuration } from "./duration.ts";

/** Beyond it a number is a mistake, and would soon be written as none that Twilio reads. */
const LONGEST_SECONDS = 100 * 365 * 86_400;

/**
 * A timer of a conversation (docs: States and timers), as ISO 8601 or in plain words, such as `PT5M` or `5 minutes`;
 * `off` is none. Gives seconds in Twilio's form, such as `PT300S`.
 *
 * @param shortest Twilio's minimum, in minutes.
 */
const timer = (shortest: number) =>
  v.pipe(
    v.string("must be text"),
    v.rawTransform(({ dataset, addIssue, NEVER }) => {
      const duration = parseDuration(dataset.value);
      if ("problem" in duration) {
        addIssue({ message: duration.problem });
        return NEVER;
      }
      if (duration.seconds !== 0 && duration.seconds < shortest * 60) {
        addIssue({ message: `must be ${shortest} minutes at least, or "off"` });
        return NEVER;
      }
      if (duration.seconds > LONGEST_SECONDS) {
        addIssue({ message: 'must be 100 years at most, or "off"' });
        return NEVER;
      }
      return `PT${Math.round(duration.seconds)}S`;
    }),
  );

/** After how long without a message a conversation becomes inactive: a minute at least. */
export const inactiveTimer = () => timer(1);

/** After how long it closes, which frees its number pairs: ten minutes at least. */
export const closedTimer = () => timer(10);
