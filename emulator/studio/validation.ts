import { isSid } from "../sid.ts";
import { widgets, widgetTypes } from "./catalog.ts";
import { conditionTypes } from "./conditions.ts";
import type { FlowState } from "./definition.ts";
import type { PropertyKind, WidgetShape } from "./widget.ts";

/** An error of a definition, and its path: "#/states/3/properties/timeout", counted from 0. */
export interface FlowError {
  readonly message: string;
  readonly property_path: string;
}

const limits = { states: 1000 };
const schemaUri = "https://schemas.twilio.com/studio/draft/2019-09/flow-definition";

/**
 * All errors of a definition, with the messages of Twilio's validation where they are known: those of
 * a JSON-schema validator ("does not have a value in the enumeration …").
 */
export function validateDefinition(definition: unknown): readonly FlowError[] {
  const check = new Check();
  const flow = check.object("#", definition, ["states", "initial_state", "description", "flags", "$schema"]);
  if (flow === undefined) return check.errors;
  check.oneOf("#/$schema", flow.get("$schema"), [schemaUri]);
  check.text("#/description", flow.get("description"));
  if (check.required("#", flow, "initial_state")) check.text("#/initial_state", flow.get("initial_state"));
  const flags = check.object("#/flags", flow.get("flags"), ["allow_concurrent_calls"]);
  if (flags !== undefined && check.required("#/flags", flags, "allow_concurrent_calls"))
    check.typed("#/flags/allow_concurrent_calls", flags.get("allow_concurrent_calls"), "boolean");
  if (check.required("#", flow, "states")) checkStates(check, flow.get("states"), flow.get("initial_state"));
  return check.errors;
}

function checkStates(check: Check, given: unknown, initial: unknown): void {
  const states = check.list("#/states", given);
  if (states === undefined) return;
  if (states.length === 0) check.add("#/states", "there must be a minimum of 1 items in the array");
  if (states.length > limits.states)
    check.add("#/states", `there must be a maximum of ${limits.states} items in the array`);
  const names = new Map<unknown, number>();
  for (const [at, state] of states.entries()) {
    const name = state !== null && typeof state === "object" && "name" in state ? state.name : undefined;
    if (name !== undefined && names.has(name))
      check.add(`#/states/${at}/name`, `the name ${name} is used twice`);
    names.set(name, at);
  }
  for (const [at, state] of states.entries()) checkState(check, `#/states/${at}`, state, names);
  if (check.errors.length === 0) checkStarters(check, states as readonly FlowState[]);
  if (typeof initial === "string" && !names.has(initial))
    check.add("#/initial_state", `there is no state ${initial}`);
}

/** Widgets that start a conversation are for flows that a request starts. */
function checkStarters(check: Check, states: readonly FlowState[]): void {
  const trigger = states.find(({ type }) => type === "trigger");
  const others = (trigger?.transitions ?? []).filter(
    ({ event }) => !/^incoming(Request|Parent)$/.test(event),
  );
  const reached = new Set(others.flatMap(({ next }) => next || []));
  for (const name of reached) {
    for (const { next } of states.find((state) => state.name === name)?.transitions ?? [])
      if (next) reached.add(next);
  }
  for (const [at, { name, type }] of states.entries()) {
    if ((type === "start-conversation" || type === "resume-conversation") && reached.has(name))
      check.add(`#/states/${at}/type`, `${type} can only be used in flows triggered by the REST API`);
  }
}

function checkState(check: Check, path: string, given: unknown, names: ReadonlyMap<unknown, number>): void {
  const state = check.object(path, given, ["name", "type", "properties", "transitions"]);
  if (state === undefined) return;
  const type = state.get("type");
  const isTrigger = type === "trigger";
  if (!isTrigger && check.required(path, state, "name")) check.text(`${path}/name`, state.get("name"));
  if (state.get("name") === "") check.add(`${path}/name`, "must be at least 1 characters long");
  if (check.required(path, state, "type")) check.oneOf(`${path}/type`, type, widgetTypes);
  const shape = typeof type === "string" ? widgets.get(type) : undefined;
  if (isTrigger ? state.has("properties") : check.required(path, state, "properties"))
    checkProperties(check, `${path}/properties`, state.get("properties"), shape);
  if (!check.required(path, state, "transitions")) return;
  const transitions = check.list(`${path}/transitions`, state.get("transitions")) ?? [];
  for (const [at, transition] of transitions.entries()) {
    checkTransition(check, `${path}/transitions/${at}`, transition, names, shape);
  }
}

function checkProperties(check: Check, path: string, given: unknown, shape: WidgetShape | undefined): void {
  const known = shape === undefined ? undefined : [...Object.keys(shape.properties), "offset"];
  const properties = check.object(path, given, known);
  if (properties === undefined || shape === undefined) return;
  for (const name of shape.required) check.required(path, properties, name);
  for (const [name, kind] of Object.entries(shape.properties)) {
    check.kind(`${path}/${name}`, properties.get(name), kind);
  }
}

function checkTransition(
  check: Check,
  path: string,
  given: unknown,
  names: ReadonlyMap<unknown, number>,
  shape: WidgetShape | undefined,
): void {
  const transition = check.object(path, given, ["event", "next", "conditions"]);
  if (transition === undefined) return;
  const event = transition.get("event");
  if (check.required(path, transition, "event") && check.text(`${path}/event`, event)) {
    // Twilio returns one error for each event that would be valid.
    if (shape !== undefined && !shape.events.includes(String(event)))
      for (const one of shape.events) check.add(`${path}/event`, `must be a constant value ${one}`);
  }
  const next = transition.get("next");
  if (
    next !== undefined &&
    next !== null &&
    check.text(`${path}/next`, next) &&
    next !== "" &&
    !names.has(next)
  )
    check.add(`${path}/next`, `there is no state ${next}`);
  const conditions = check.list(`${path}/conditions`, transition.get("conditions")) ?? [];
  for (const [at, condition] of conditions.entries())
    checkCondition(check, `${path}/conditions/${at}`, condition);
}

function checkCondition(check: Check, path: string, given: unknown): void {
  const condition = check.object(path, given, ["friendly_name", "arguments", "type", "value"]);
  if (condition === undefined) return;
  for (const name of ["friendly_name", "arguments", "type", "value"]) check.required(path, condition, name);
  check.text(`${path}/friendly_name`, condition.get("friendly_name"));
  check.text(`${path}/value`, condition.get("value"));
  check.oneOf(`${path}/type`, condition.get("type"), conditionTypes);
  for (const [at, argument] of (
    check.list(`${path}/arguments`, condition.get("arguments")) ?? []
  ).entries()) {
    check.text(`${path}/arguments/${at}`, argument);
  }
}

/** Collects errors. Undefined values are valid; `required` checks presence. */
class Check {
  readonly errors: FlowError[] = [];

  add(property_path: string, message: string): void {
    this.errors.push({ message, property_path });
  }

  required(path: string, fields: ReadonlyMap<string, unknown>, name: string): boolean {
    if (!fields.has(name)) this.add(`${path}/${name}`, "is missing but it is required");
    else if (fields.get(name) === null) this.add(`${path}/${name}`, "must not be null");
    else return true;
    return false;
  }

  typed(path: string, value: unknown, expected: string): boolean {
    if (value === undefined) return true;
    const found = typeOf(value);
    if (found === expected || (expected === "number" && found === "integer")) return true;
    this.add(path, `${found} found, ${expected} expected`);
    return false;
  }

  text(path: string, value: unknown): boolean {
    return this.typed(path, value, "string");
  }

  list(path: string, value: unknown): readonly unknown[] | undefined {
    return this.typed(path, value, "array") && value !== undefined
      ? (value as readonly unknown[])
      : undefined;
  }

  /** The fields of an object. Twilio's schemas are closed: a field that is not `known` is an error. */
  object(
    path: string,
    value: unknown,
    known: readonly string[] | undefined,
  ): ReadonlyMap<string, unknown> | undefined {
    if (!this.typed(path, value, "object") || value === undefined) return undefined;
    const fields = new Map(Object.entries(value as object));
    for (const name of fields.keys()) {
      if (known?.includes(name) === false)
        this.add(
          `${path}/${name}`,
          "is not defined in the schema and the schema does not allow additional properties",
        );
    }
    return fields;
  }

  oneOf(path: string, value: unknown, values: readonly string[]): void {
    if (value === undefined || value === null || !this.text(path, value) || values.includes(String(value)))
      return;
    this.add(path, `does not have a value in the enumeration [${values.join(", ")}]`);
  }

  /** An optional property may be null, as in exported flows. */
  kind(path: string, value: unknown, kind: PropertyKind): void {
    if (value === undefined || value === null) return;
    if (typeof kind !== "string") this.oneOf(path, value, kind);
    else if (kind === "parameters") this.#parameters(path, value);
    else if (kind === "flow sid") this.#flowSid(path, value);
    else this.typed(path, value, jsonTypes[kind]);
  }

  #flowSid(path: string, value: unknown): void {
    if (this.text(path, value) && !isSid("FW", String(value)))
      this.add(path, "must be a valid, non-liquid flow sid");
  }

  #parameters(path: string, value: unknown): void {
    for (const [at, entry] of (this.list(path, value) ?? []).entries()) {
      const fields = this.object(`${path}/${at}`, entry, undefined);
      if (fields === undefined) continue;
      for (const name of ["key", "value"]) {
        if (this.required(`${path}/${at}`, fields, name))
          this.text(`${path}/${at}/${name}`, fields.get(name));
      }
    }
  }
}

const jsonTypes = {
  text: "string",
  integer: "integer",
  boolean: "boolean",
  object: "object",
  list: "array",
} as const;

function typeOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  if (typeof value === "number") return Number.isInteger(value) ? "integer" : "number";
  return typeof value;
}
