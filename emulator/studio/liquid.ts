import type { Clock } from "../clock.ts";
import { isoMillis } from "../dates.ts";

/** Renders a template. Throws with a message for the author if it is not valid Liquid. */
export type Fill = (text: string, variables: object) => string;

/** The maximum number of turns of a loop in templates ("Studio FAQ"). */
const longestLoop = 15;

/** The time zone of dates (an article of Twilio's support; its documentation does not name it). */
const zone = "America/Los_Angeles";

/**
 * Studio's templates: Liquid with `to_json`, loops that end after fifteen turns, and the emulator's clock. Unset
 * variables are empty. The library is loaded with the first flow that runs.
 */
export async function loadLiquid(clock: Clock): Promise<Fill> {
  const { Liquid, ForTag } = await import("liquidjs");
  const engine = new Liquid({ timezoneOffset: zone, ownPropertyOnly: true });
  class ShortFor extends ForTag {
    constructor(...given: ConstructorParameters<typeof ForTag>) {
      super(...given);
      const { hash } = this;
      const render = hash.render.bind(hash);
      hash.render = function* (context) {
        const modifiers = yield* render(context);
        return { ...modifiers, limit: Math.min(Number(modifiers.limit ?? longestLoop), longestLoop) };
      };
    }
  }
  engine.registerTag("for", ShortFor);
  engine.registerFilter("to_json", (value: unknown) => JSON.stringify(value ?? null));
  const { date } = engine.filters;
  engine.registerFilter("date", function (value: unknown, ...rest: unknown[]) {
    const moment = value === "now" || value === "today" ? isoMillis(clock.now()) : value;
    return typeof date === "function" ? date.call(this, moment, ...rest) : undefined;
  });
  return (text, variables) => (text.includes("{") ? engine.parseAndRenderSync(text, variables) : text);
}
