import { getExpectedTwilioSignature } from "twilio/lib/webhooks/webhooks.js";
import type { Flow, State } from "../../infra/studio/flow.ts";

/** What surrounds a run of a flow. */
export interface Surroundings {
  /** Signs what the flow sends, as Studio does. */
  readonly authToken: string;
  /** `flow`, `trigger` and `contact`, as Studio's variables have them. */
  readonly variables: Readonly<Record<string, unknown>>;
  /** What the flow says in its own widgets. */
  readonly say: (body: string) => Promise<void>;
  /** What is replied to a step that waits, in order. */
  readonly replies: readonly string[];
}

type Outcome = { readonly event: string; readonly result: unknown };

/**
 * Plays a flow from a trigger's event to its end, as Studio would, with the widgets that our flows have: what its steps
 * send to the endpoints is really sent.
 *
 * @returns the steps on the way, each with the event by which it was left.
 */
export async function playFlow(flow: Flow, trigger: string, surroundings: Surroundings): Promise<string[]> {
  const widgets: Record<string, unknown> = {};
  const replies = [...surroundings.replies];
  const steps: string[] = [];
  const fill = (text = "") => render(text, { ...surroundings.variables, widgets });
  const play: Readonly<Record<string, (state: State) => Promise<Outcome>>> = {
    trigger: async () => ({ event: trigger, result: {} }),
    "run-function": (state) => send(state, fill, surroundings.authToken, "fail"),
    "make-http-request": (state) => send(state, fill, surroundings.authToken, "failed"),
    "split-based-on": async ({ transitions }) => {
      const isMatch = transitions.some(({ conditions = [] }) => conditions.some((one) => holds(one, fill)));
      return { event: isMatch ? "match" : "noMatch", result: {} };
    },
    "send-message": async ({ properties }) => {
      await surroundings.say(fill(properties.body));
      return { event: "sent", result: {} };
    },
    "send-and-wait-for-reply": async ({ properties }) => {
      await surroundings.say(fill(properties.body));
      const reply = replies.shift();
      return reply === undefined
        ? { event: "timeout", result: {} }
        : { event: "incomingMessage", result: { inbound: { Body: reply } } };
    },
  };
  let name: string | undefined = flow.initial_state;
  while (name !== undefined) {
    const state = flow.states.find((one) => one.name === name);
    const widget = state && play[state.type];
    if (state === undefined || widget === undefined) throw new Error(`The flow cannot go on at ${name}.`);
    const { event, result } = await widget(state);
    widgets[state.name] = result;
    steps.push(`${state.name}: ${event}`);
    name = state.transitions.find((one) => one.event === event)?.next;
  }
  return steps;
}

/** Sends a step's parameters as a signed form. */
async function send(
  { properties }: State,
  fill: (text?: string) => string,
  authToken: string,
  failure: string,
): Promise<Outcome> {
  const url = properties.url ?? "";
  const form = Object.fromEntries((properties.parameters ?? []).map(({ key, value }) => [key, fill(value)]));
  const response = await fetch(url, {
    method: "POST",
    headers: { "x-twilio-signature": getExpectedTwilioSignature(authToken, url, form) },
    body: new URLSearchParams(form),
  });
  return { event: response.ok ? "success" : failure, result: { parsed: await response.json() } };
}

function holds(
  condition: { type: string; arguments: readonly string[]; value: string },
  fill: (text: string) => string,
): boolean {
  if (condition.type !== "matches_any_of") throw new Error(`No condition ${condition.type} here.`);
  const values = condition.value.split(",").map((value) => value.trim());
  return condition.arguments.some((argument) => values.includes(fill(argument)));
}

/** Puts variables in their places. Unlike Studio it does not put nothing in the place of one that is not there. */
function render(text: string, variables: Readonly<Record<string, unknown>>): string {
  return text.replace(/\{\{\s*([\w.]+)\s*\}\}/g, (_braces, path: string) => {
    const value = path.split(".").reduce<unknown>((at, key) => {
      if (typeof at !== "object" || at === null || !Object.hasOwn(at, key))
        throw new Error(`There is no variable ${path}.`);
      return (at as Record<string, unknown>)[key];
    }, variables);
    return String(value);
  });
}
