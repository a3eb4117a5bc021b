import type { Clock } from "../clock.ts";
import { ApiError } from "../domain/errors.ts";
import type { ConnectionEffect, Fault, FaultOf, FrameEffect, RequestEffect } from "../faults/fault.ts";
import type { Faults } from "../faults/faults.ts";

/*
 * Faults of SDK connections, requests and notifications.
 */

interface FaultContext {
  readonly faults: Faults;
  readonly clock: Clock;
}

const isForRequests = (fault: Fault): fault is FaultOf<"sdkRequest", RequestEffect> =>
  fault.on === "sdkRequest";
const isForConnections = (fault: Fault): fault is FaultOf<"connection", ConnectionEffect> =>
  fault.on === "connection";
const isForFrames = (fault: Fault): fault is FaultOf<"frame", FrameEffect> => fault.on === "frame";
const noParameters: ReadonlyMap<string, readonly string[]> = new Map();

/** The properties of an SDK's request that faults match. */
export interface MatchedRequest {
  readonly method: string;
  readonly path: string;
  readonly identity: string;
  readonly conversation: string | undefined;
}

/** Answers a request, unless a fault prevents it: "cut" closes the connection, "never" means no answer. */
export async function answerWithFaults<Answer>(
  context: FaultContext,
  matched: MatchedRequest,
  answer: () => Promise<Answer>,
): Promise<Answer | "cut" | "never"> {
  const { method, path, identity, conversation } = matched;
  const values = { method: [method], path: [path], identity: [identity], conversation: [conversation] };
  const fault = context.faults.has("sdkRequest")
    ? context.faults.inject(isForRequests, { values, parameters: noParameters }, { identity, method, path })
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
      return (await later(context, id, effect.ms)) ? (answered ?? answer()) : "never";
    case "fail":
      throw new ApiError(effect.status, effect.code, effect.message);
  }
}

/** Whether a connection may be opened: true, or the HTTP status to refuse it with. */
export async function checkConnection(context: FaultContext, host: string): Promise<number | true> {
  const subject = { values: { host: [host] }, parameters: noParameters };
  const fault = context.faults.has("connection")
    ? context.faults.inject(isForConnections, subject, { host })
    : undefined;
  if (fault === undefined) return true;
  if (fault.effect.name === "refuse") return fault.effect.status;
  return (await later(context, fault.id, fault.effect.ms)) || 503;
}

/** Sends a notification, unless a fault drops or delays it or cuts the connection. */
export function sendWithFaults(
  context: FaultContext,
  { identity, messageType }: { readonly identity: string; readonly messageType: string },
  { send, cut }: { readonly send: () => void; readonly cut: () => void },
): void {
  const values = { identity: [identity], messageType: [messageType] };
  const fault = context.faults.inject(
    isForFrames,
    { values, parameters: noParameters },
    { identity, messageType },
  );
  if (fault === undefined) send();
  else if (fault.effect.name === "cut") cut();
  else if (fault.effect.name === "delay")
    void later(context, fault.id, fault.effect.ms).then((isReleased) => isReleased && send());
}

/** Waits until the fault is removed or the time has passed, by the clock or in real time; false when the run ends before. */
function later({ faults, clock }: FaultContext, id: string, ms: number): Promise<boolean> {
  return new Promise((resolve) => {
    const release = faults.hold(
      id,
      () => resolve(true),
      () => resolve(false),
    );
    clock.deadline(ms, release);
  });
}
