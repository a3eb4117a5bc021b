import * as v from "valibot";
import { parseDuration } from "./duration.ts";

/** A longer timer is a mistake, and its number would soon be in a notation that Twilio does not parse. */
const LONGEST_SECONDS = 100 * 365 * 86_400;

/**
 * A timer of a conversation (docs: States and timers), as ISO 8601 or in plain words, such as `PT5M` or `5 minutes`;
 * `off` is none. Returns seconds in Twilio's form, such as `PT300S`.
 *
 * @param shortest Twilio's minimum, in minutes.
 */
const timer = (shortest: number) =>
  v.pipe(
    v.string("must be text"),
    v.description('a duration such as "PT5M" or "5 minutes", or "off"'),
    v.rawTransform(({ dataset, addIssue, NEVER }) => {
      const duration = parseDuration(dataset.value);
      if ("problem" in duration) {
        addIssue({ message: duration.problem });
        return NEVER;
      }
      if (duration.seconds !== 0 && duration.seconds < shortest * 60) {
        addIssue({ message: `must be at least ${shortest} minutes, or "off"` });
        return NEVER;
      }
      if (duration.seconds > LONGEST_SECONDS) {
        addIssue({ message: 'must be at most 100 years, or "off"' });
        return NEVER;
      }
      return `PT${Math.round(duration.seconds)}S`;
    }),
  );

/** Time without a message after which a conversation becomes inactive: at least a minute. */
export const inactiveTimer = () => timer(1);

/** Time after which it closes, which frees its number pairs: at least ten minutes. */
export const closedTimer = () => timer(10);
