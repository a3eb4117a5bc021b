import { channelOf } from "../domain/address.ts";
import { channelTraits } from "../domain/channels.ts";
import { preActionEvents } from "../domain/webhook-events.ts";
import { webhookEvents } from "../domain/webhooks.ts";
import { readEffect } from "./effects.ts";
import { Fields } from "./fields.ts";
import type { Place, Rule } from "./rule.ts";

/** What a rule says, before it has a place among others. */
export type RuleInput = InputOf<Rule>;

type InputOf<R> = R extends Rule
  ? Omit<R, "id" | "matched" | "struck" | "stream"> & { readonly id: string | undefined }
  : never;

const ownFields = ["id", "on", "match", "effect", "skip", "times", "probability"];
const places: readonly Place[] = ["request", "webhook", "delivery", "sdkRequest", "connection", "frame"];
const mostTimes = 1_000_000_000;

/** What a rule may ask of each place. */
const conditions: Readonly<Record<Place, readonly string[]>> = {
  request: ["operation", "method", "path", "conversation", "address", "parameters"],
  webhook: ["event", "scope", "webhookSid", "url", "conversation", "address", "parameters"],
  delivery: ["conversation", "address", "proxyAddress", "channel"],
  sdkRequest: ["method", "path", "identity", "conversation"],
  connection: ["host"],
  frame: ["identity", "messageType"],
};

/** Effects of webhooks that somebody waits for, before an action or for what to answer a message with. */
const awaitedEffects: readonly string[] = ["fail", "drop"];

/**
 * Reads a rule as the control API and seeds write it. Throws a `FaultError` for what is unknown, malformed, or can
 * never strike. `operations` are the names that a request may be matched by.
 */
export function readRule(value: unknown, operations: ReadonlySet<string>): RuleInput {
  const fields = new Fields(value, "");
  const on = fields.required("on", fields.oneOf("on", places));
  const effect = readEffect(on, fields, ownFields);
  const id = fields.text("id");
  if (id !== undefined && !/^[\w.-]{1,64}$/.test(id))
    throw fields.error("id", "must be up to 64 letters, digits, dots, hyphens and underscores");
  const match = new Fields(fields.value("match") ?? {}, "match.");
  match.close(conditions[on], `a ${on}`);
  checkMatch(match, operations);
  if (on === "webhook" && !awaitedEffects.includes(effect.effect.name)) checkNobodyWaits(match);
  return {
    id,
    ...effect,
    match: readTexts(
      match,
      conditions[on].filter((name) => name !== "parameters"),
    ),
    parameters: readParameters(match),
    skip: fields.integer("skip", 0, mostTimes) ?? 0,
    times: fields.integer("times", 1, mostTimes),
    probability: fields.probability("probability"),
  };
}

function checkNobodyWaits(match: Fields): void {
  const expected = `is waited for: it takes ${awaitedEffects.join(" and ")} only`;
  if (preActionEvents.includes(match.text("event") ?? "")) throw match.error("event", expected);
  if (match.text("scope") === "number") throw match.error("scope", expected);
}

function readTexts(fields: Fields, names: readonly string[]): Map<string, string> {
  return new Map(
    names.flatMap((name) => {
      const text = fields.text(name);
      return text === undefined ? [] : [[name, text] as const];
    }),
  );
}

function readParameters(match: Fields): Map<string, string> {
  const parameters = new Fields(match.value("parameters") ?? {}, "match.parameters.");
  return readTexts(parameters, parameters.names());
}

/** What no request, webhook or delivery could ever have is a mistake. */
function checkMatch(match: Fields, operations: ReadonlySet<string>): void {
  const operation = match.text("operation");
  if (operation !== undefined) {
    if (!operations.has(operation))
      throw match.error("operation", 'must be one of docs/coverage.md, such as "POST /v1/Conversations"');
    const other = ["method", "path"].find((name) => match.value(name) !== undefined);
    if (other !== undefined) throw match.error(other, "cannot come with an operation, which has one");
  }
  match.oneOf("method", ["GET", "POST", "PUT", "DELETE"]);
  match.oneOf("event", webhookEvents);
  match.oneOf("scope", ["account", "service", "conversation", "number"]);
  const channel = match.oneOf("channel", Object.keys(channelTraits));
  check(match, "path", /^[/*]/, 'must begin with "/" or "*"');
  check(match, "url", /^(https?:\/\/|\*)/, 'must begin with "http://", "https://" or "*"');
  check(match, "conversation", /^CH[0-9a-f]{32}$/, "must be the SID of a conversation");
  check(match, "webhookSid", /^WH[0-9a-f]{32}$/, "must be the SID of a conversation's webhook");
  for (const name of ["address", "proxyAddress"]) checkAddress(match, name, channel);
}

function check(match: Fields, name: string, shape: RegExp, expected: string): void {
  const text = match.text(name);
  if (text !== undefined && !shape.test(text)) throw match.error(name, expected);
}

function checkAddress(match: Fields, name: string, channel: string | undefined): void {
  const address = match.text(name);
  if (address === undefined || address.includes("*")) return;
  const own = channelOf(address);
  if (own === undefined)
    throw match.error(name, 'must be an address such as "+14155550101", or a pattern with "*"');
  if (channel !== undefined && own !== channel) throw match.error(name, `is not on the channel ${channel}`);
}
