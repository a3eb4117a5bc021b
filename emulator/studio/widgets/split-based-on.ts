import { holds } from "../conditions.ts";
import type { Condition } from "../definition.ts";
import type { Visit, Widget } from "../widget.ts";

/** Takes the transition of the first matching condition ("Split Based On... widget"; the order is assumed). */
export const splitBasedOn: Widget = {
  properties: { input: "text" },
  required: ["input"],
  events: ["match", "noMatch"],
  enter(visit) {
    const branch = visit.state.transitions.findIndex(
      ({ event, conditions = [] }) =>
        event === "match" &&
        conditions.length > 0 &&
        conditions.every((condition) => passes(visit, condition)),
    );
    return branch === -1 ? { event: "noMatch" } : { event: "match", branch };
  },
};

function passes({ fill, note, state }: Visit, { type, value, arguments: given }: Condition): boolean {
  const held = holds(type, fill(given[0] ?? ""), fill(value));
  if (held === undefined) note(`${state.name}: "${value}" is not a regular expression`);
  return held ?? false;
}
