import type { Flow, State, Transition } from "../../infra/studio/flow.ts";
import type { Description, Descriptions } from "../reference/description.ts";
import { fieldsOf } from "../reference/schema.ts";

/** A problem of a valid flow. */
export interface Finding {
  readonly state: string;
  readonly message: string;
}

/** Events, by widget, after which a flow without a next step leaves a person waiting. */
const mustLead: Readonly<Record<string, readonly string[]>> = {
  "send-and-wait-for-reply": ["incomingMessage", "timeout", "deliveryFailure"],
  "run-function": ["fail"],
  "make-http-request": ["failed"],
  "split-based-on": ["noMatch"],
  "run-subflow": ["failed"],
  "start-conversation": ["created", "failed"],
  "resume-conversation": ["resumed", "failed"],
  "connect-virtual-agent-v2": ["live-agent-handoff", "failed", "timeout"],
  "send-to-flex": ["failedToEnqueue"],
};

/** Why each of them needs a next step. */
const silence: Readonly<Record<string, string>> = {
  incomingMessage: "the answer to the question is lost",
  timeout: "a missing reply is not noticed",
  noMatch: "an unmatched answer gets no reply",
};

/** The idempotency field of each endpoint that creates something. */
const keys = ["idempotencyKey", "uniqueName"];

/** All problems: widgets that cannot be reached, paths that end silently, and references to what does not exist. */
export function lintFlow(flow: Flow, endpoints: Descriptions): readonly Finding[] {
  const reached = reachable(flow);
  return flow.states.flatMap((state) => [
    ...(reached.has(state.name) ? [] : [{ state: state.name, message: "no step leads here" }]),
    ...silentEnds(state),
    ...unknownVariables(flow, state, endpoints),
    ...wrongParameters(state, endpoints),
  ]);
}

function reachable({ states, initial_state }: Flow): ReadonlySet<string> {
  const reached = new Set([initial_state]);
  for (const name of reached) {
    for (const { next } of states.find((state) => state.name === name)?.transitions ?? [])
      if (next) reached.add(next);
  }
  return reached;
}

/** A function whose failure, or a question whose answer, has no next step. */
function silentEnds({ name, type, transitions }: State): readonly Finding[] {
  const leads = (event: string) => transitions.some((one: Transition) => one.event === event && one.next);
  if (type === "trigger")
    return transitions.some(({ next }) => next) ? [] : [{ state: name, message: "nothing starts this flow" }];
  return (mustLead[type] ?? []).flatMap((event) =>
    leads(event)
      ? []
      : [
          {
            state: name,
            message: `"${event}" has no next step: ${silence[event] ?? "the failure is not noticed"}`,
          },
        ],
  );
}

/** Variables of unknown steps, `parsed` fields that no endpoint answers, and variables that no step sets. */
function unknownVariables(flow: Flow, state: State, endpoints: Descriptions): readonly Finding[] {
  const set = new Set(
    flow.states.flatMap(({ type, properties }) =>
      type === "set-variables" ? keysOf(properties.variables) : [],
    ),
  );
  return variablesIn(state).flatMap((path) => {
    const [root = "", name = "", field = "", ...rest] = path.split(".");
    if (root === "flow" && name === "variables" && field !== "" && !set.has(field))
      return [{ state: state.name, message: `no step sets flow.variables.${field}` }];
    if (root !== "widgets") return [];
    const source = flow.states.find((one) => one.name === name);
    if (source === undefined)
      return [{ state: state.name, message: `there is no step ${name}, as in ${path}` }];
    const [parsed] = rest;
    const fields = field === "parsed" ? answerFields(source, endpoints) : undefined;
    if (parsed === undefined || fields === undefined || fields.includes(parsed)) return [];
    return [
      {
        state: state.name,
        message: `${endpointOf(source, endpoints)?.endpoint.name} answers no ${parsed}, as in ${path}`,
      },
    ];
  });
}

function wrongParameters(state: State, endpoints: Descriptions): readonly Finding[] {
  const description = endpointOf(state, endpoints);
  if (description === undefined) return [];
  const { name } = description.endpoint;
  const given = keysOf(state.properties.parameters);
  const known = fieldsOf(description.handler.input);
  const finding = (message: string) => ({ state: state.name, message });
  const names = known.map(({ name: field }) => field);
  const key = keys.find((field) => names.includes(field));
  return [
    ...given
      .filter((field) => !names.includes(field))
      .map((field) => finding(`${name} has no field ${field}`)),
    ...known
      .filter((field) => field.isRequired && !given.includes(field.name))
      .map((field) => finding(`${name} needs ${field.name}`)),
    ...(key === undefined || given.includes(key)
      ? []
      : [finding(`without ${key}, ${name} is not idempotent when the step runs twice`)]),
  ];
}

function endpointOf({ properties: { url } }: State, endpoints: Descriptions): Description | undefined {
  if (url === undefined || !URL.canParse(url)) return undefined;
  const path = new URL(url).pathname;
  return endpoints.all.find(({ endpoint }) => path.endsWith(`/${endpoint.name}`));
}

/** The fields after `parsed.`; undefined for an endpoint that is not ours. */
function answerFields(state: State, endpoints: Descriptions): readonly string[] | undefined {
  const output = endpointOf(state, endpoints)?.source.output;
  return output?.kind === "fields"
    ? [...endpoints.error, ...output.fields].map(({ name }) => name)
    : undefined;
}

function keysOf(entries: readonly { readonly key: string }[] | undefined): readonly string[] {
  return (entries ?? []).map(({ key }) => key);
}

/** The paths of variables in output and tags, "widgets.menu.inbound.Body". */
function variablesIn({ properties, transitions }: State): readonly string[] {
  const templates = JSON.stringify([properties, transitions]).match(/\{\{.*?\}\}|\{%.*?%\}/g) ?? [];
  return [
    ...new Set(
      templates.flatMap((text) => text.match(/\b(widgets|flow|trigger|contact)(\.\w[\w-]*)+/g) ?? []),
    ),
  ];
}
