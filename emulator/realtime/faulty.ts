import type { Clock } from "../clock.ts";
import { ApiError } from "../domain/errors.ts";
import type { Faults } from "../faults/faults.ts";
import type { ConnectionEffect, FrameEffect, RequestEffect, Rule, RuleOf } from "../faults/rule.ts";
import type { Answer } from "./call.ts";

/*
 * What faults do to SDKs: to connections that they open, to what they ask, and to what they are told.
 */

/** What faults are found and held with. */
export interface FaultyWay {
  readonly faults: Faults;
  readonly clock: Clock;
}

const isForRequests = (rule: Rule): rule is RuleOf<"sdkRequest", RequestEffect> => rule.on === "sdkRequest";
const isForConnections = (rule: Rule): rule is RuleOf<"connection", ConnectionEffect> =>
  rule.on === "connection";
const isForFrames = (rule: Rule): rule is RuleOf<"frame", FrameEffect> => rule.on === "frame";
const noParameters: ReadonlyMap<string, readonly string[]> = new Map();

/** A request of an SDK, as rules are held against it. */
export interface AskedRequest {
  readonly method: string;
  readonly path: string;
  readonly identity: string;
  readonly conversation: string | undefined;
}

/** Answers a request, with what faults do to it; "cut" when its connection is to break, "never" when none comes. */
export async function answerFaulty(
  way: FaultyWay,
  asked: AskedRequest,
  answer: () => Promise<Answer>,
): Promise<Answer | "cut" | "never"> {
  const { method, path, identity, conversation } = asked;
  const values = { method: [method], path: [path], identity: [identity], conversation: [conversation] };
  const fault = way.faults.has("sdkRequest")
    ? way.faults.inject(isForRequests, { values, parameters: noParameters }, { identity, method, path })
    : undefined;
  if (fault === undefined) return answer();
  const { id, effect } = fault;
  const answered = effect.when === "after" ? await answer() : undefined;
  switch (effect.name) {
    case "drop":
      return "cut";
    case "hang":
      return "never";
    case "delay":
      return (await later(way, id, effect.ms)) ? (answered ?? answer()) : "never";
    case "fail":
      throw new ApiError(effect.status, effect.code, effect.message);
  }
}

/** What becomes of a connection that is opened: a status to refuse it with, or true when it may go on. */
export async function openFaulty(way: FaultyWay, host: string): Promise<number | true> {
  const subject = { values: { host: [host] }, parameters: noParameters };
  const fault = way.faults.has("connection")
    ? way.faults.inject(isForConnections, subject, { host })
    : undefined;
  if (fault === undefined) return true;
  if (fault.effect.name === "refuse") return fault.effect.status;
  return (await later(way, fault.id, fault.effect.ms)) || 503;
}

/** Sends something that an SDK is told, unless a fault has it lost, late, or its connection broken. */
export function sendFaulty(
  way: FaultyWay,
  { identity, messageType }: { readonly identity: string; readonly messageType: string },
  { send, cut }: { readonly send: () => void; readonly cut: () => void },
): void {
  const values = { identity: [identity], messageType: [messageType] };
  const fault = way.faults.inject(
    isForFrames,
    { values, parameters: noParameters },
    { identity, messageType },
  );
  if (fault === undefined) send();
  else if (fault.effect.name === "cut") cut();
  else if (fault.effect.name === "delay")
    void later(way, fault.id, fault.effect.ms).then((goesOn) => goesOn && send());
}

/** Waits until a rule is removed or time has passed, by the clock or in reality; false when a life ends before. */
function later({ faults, clock }: FaultyWay, id: string, ms: number): Promise<boolean> {
  return new Promise((resolve) => {
    const release = faults.hold(
      id,
      () => resolve(true),
      () => resolve(false),
    );
    clock.deadline(ms, release);
  });
}
