import * as v from "valibot";
import { channelOf } from "../domain/address.ts";
import { channelTraits } from "../domain/channels.ts";
import { preActionEvents } from "../domain/webhook-events.ts";
import { webhookEvents } from "../domain/webhooks.ts";
import {
  closed,
  InputError,
  integer,
  jsonObject,
  mapOf,
  oneOf,
  optional,
  readInput,
  text,
} from "../input.ts";
import { effects } from "./effects.ts";
import type { Fault, InjectionPoint } from "./fault.ts";

/** A fault as it is written, before it is added to others. */
export type FaultInput = InputOf<Fault>;

type InputOf<R> = R extends Fault
  ? Omit<R, "id" | "matched" | "injected" | "stream"> & { readonly id: string | undefined }
  : never;

const mostTimes = 1_000_000_000;
const probability = "must be a number from 0 to 1";

const injectionPoints: readonly InjectionPoint[] = [
  "request",
  "webhook",
  "delivery",
  "sdkRequest",
  "connection",
  "frame",
];

/** The fields of every fault; the others are the effect and its options. */
const fault = v.looseObject({
  on: oneOf(injectionPoints),
  match: v.nullish(v.unknown(), {}),
  id: optional(
    v.pipe(
      text,
      v.regex(/^[\w.-]{1,64}$/, "must be up to 64 letters, digits, dots, hyphens and underscores"),
    ),
  ),
  skip: v.nullish(integer(0, mostTimes), 0),
  times: optional(integer(1, mostTimes)),
  probability: v.nullish(
    v.pipe(v.number(probability), v.minValue(0, probability), v.maxValue(1, probability)),
    1,
  ),
});

const path = shaped(/^[/*]/, 'must begin with "/" or "*"');
const conversation = shaped(/^CH[0-9a-f]{32}$/, "must be the SID of a conversation");
const method = optional(oneOf(["GET", "POST", "PUT", "DELETE"]));
const anyText = optional(text);
const parameters = v.nullish(mapOf(text), {});
const address = optional(
  v.pipe(
    text,
    v.check(
      (pattern) => pattern.includes("*") || channelOf(pattern) !== undefined,
      'must be an address such as "+14155550101", or a pattern with "*"',
    ),
  ),
);

/** The conditions that a fault can have, by its injection point. */
const conditions = {
  request: closed({ operation: anyText, method, path, conversation, address, parameters }),
  webhook: closed({
    event: optional(oneOf(webhookEvents)),
    scope: optional(oneOf(["account", "service", "conversation", "number"])),
    webhookSid: shaped(/^WH[0-9a-f]{32}$/, "must be the SID of a conversation's webhook"),
    url: shaped(/^(https?:\/\/|\*)/, 'must begin with "http://", "https://" or "*"'),
    conversation,
    address,
    parameters,
  }),
  delivery: closed({
    conversation,
    address,
    proxyAddress: address,
    channel: optional(oneOf(Object.keys(channelTraits))),
  }),
  sdkRequest: closed({ method, path, identity: anyText, conversation }),
  connection: closed({ host: anyText }),
  frame: closed({ identity: anyText, messageType: anyText }),
};

/** Effects on webhooks that Twilio waits for: before an action, or for the reply to a message. */
const awaitedEffects: readonly string[] = ["fail", "drop"];

/**
 * Reads a fault of the control API or a seed. Throws an {@link InputError} for fields that are unknown, malformed, or
 * can never match.
 *
 * @param operations that a request can be matched by
 */
export function readFault(value: unknown, operations: ReadonlySet<string>): FaultInput {
  const fields = readInput(v.pipe(jsonObject, fault), value);
  const { on, match: given, id, skip, times, probability, ...options } = fields;
  const effect = readEffect(on, options);
  const match = readInput(conditions[on], given, "match");
  checkMatch(match, operations);
  if (on === "webhook" && !awaitedEffects.includes(effect.effect.name)) checkIsNotAwaited(match);
  const texts = Object.entries(match).flatMap(([name, value]) =>
    typeof value === "string" ? [[name, value] as const] : [],
  );
  const parameters = "parameters" in match ? match.parameters : new Map<string, string>();
  return { id, ...effect, match: new Map(texts), parameters, skip, times, probability };
}

function readEffect(
  on: InjectionPoint,
  options: unknown,
): { [On in InjectionPoint]: Pick<Extract<Fault, { on: On }>, "on" | "effect"> }[InjectionPoint] {
  switch (on) {
    case "request":
      return { on, effect: readInput(effects.request, options) };
    case "webhook":
      return { on, effect: readInput(effects.webhook, options) };
    case "delivery":
      return { on, effect: readInput(effects.delivery, options) };
    case "sdkRequest":
      return { on, effect: readInput(effects.sdkRequest, options) };
    case "connection":
      return { on, effect: readInput(effects.connection, options) };
    case "frame":
      return { on, effect: readInput(effects.frame, options) };
  }
}

/** Conditions by name. */
type Match = Readonly<Record<string, unknown>>;

function checkIsNotAwaited({ event, scope }: Match): void {
  const expected = `is waited for: it takes ${awaitedEffects.join(" and ")} only`;
  if (preActionEvents.some((name) => name === event)) throw new InputError("match.event", expected);
  if (scope === "number") throw new InputError("match.scope", expected);
}

/** Rejects conditions that cannot be met together, or that no operation meets. */
function checkMatch(match: Match, operations: ReadonlySet<string>): void {
  const { operation, channel } = match;
  if (typeof operation === "string") {
    if (!operations.has(operation))
      throw new InputError(
        "match.operation",
        'must be one of docs/coverage.md, such as "POST /v1/Conversations"',
      );
    const other = ["method", "path"].find((name) => match[name] !== undefined);
    if (other !== undefined)
      throw new InputError(`match.${other}`, "cannot come with an operation, which has one");
  }
  if (channel === undefined) return;
  for (const name of ["address", "proxyAddress"]) {
    const address = match[name];
    if (typeof address === "string" && !address.includes("*") && channelOf(address) !== channel)
      throw new InputError(`match.${name}`, `is not on the channel ${channel}`);
  }
}

function shaped(shape: RegExp, expected: string) {
  return optional(v.pipe(text, v.regex(shape, expected)));
}
