import { isoMillis } from "../dates.ts";
import { currentFrame, variablesOf } from "../studio/context.ts";
import type { Execution, Flow } from "../studio/model.ts";
import { drawFlow, type Progress, transitionKey } from "../studio/picture.ts";
import { definitionOf, latestRevision, publishedRevision } from "../studio/revisions.ts";
import type { ControlCall, ControlHandler } from "./call.ts";
import { ControlError, readLast } from "./input.ts";

/** The flows, oldest first. */
export const listFlows: ControlHandler = ({ runtime }) => {
  const flows = [...runtime.studio.state.flows.values()].map((flow) => ({
    ...describe(flow),
    executions: flow.executions.size,
  }));
  return { status: 200, body: { flows } };
};

/** One flow, with its latest executions and all their steps, newest execution first. */
export const readFlow: ControlHandler = (call) => {
  const flow = flowOf(call);
  const last = readLast(call.query);
  const executions = [...flow.executions.downFrom(flow.executions.nextSeq())]
    .slice(0, last)
    .map(presentExecution);
  return { status: 200, body: { ...describe(flow), executions } };
};

/**
 * The picture of a flow, as SVG; with `execution` in the query, its progress. `progress` may have any text: a page loads the
 * picture again from another URL.
 */
export const drawPicture: ControlHandler = (call) => {
  const flow = flowOf(call);
  const sid = call.query.get("execution");
  const execution = sid === null ? undefined : flow.executions.get(sid);
  if (sid !== null && execution === undefined) throw new ControlError(404, `There is no execution ${sid}`);
  const frame = execution?.frames[0];
  const revision =
    flow.revisions.get(String(frame?.revision)) ?? publishedRevision(flow) ?? latestRevision(flow);
  const picture = drawFlow(definitionOf(revision), execution && progressOf(execution));
  const headers = {
    "Content-Type": "image/svg+xml; charset=utf-8",
    "Cache-Control": "no-store",
    // It contains names from callers: nothing in it may be loaded or run.
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
  };
  return { status: 200, headers, body: Buffer.from(picture) };
};

/** The executions in a conversation. */
export function executionsIn(flows: Iterable<Flow>, conversationSid: string) {
  return [...flows].flatMap((flow) =>
    [...flow.executions.values()]
      .filter(({ party }) => party.conversationSid === conversationSid)
      .map((execution) => ({ flowName: latestRevision(flow).friendlyName, ...summary(execution) })),
  );
}

function flowOf({ runtime, params }: ControlCall): Flow {
  const flow = runtime.studio.state.flows.get(params.get("sid") ?? "");
  if (flow === undefined) throw new ControlError(404, `There is no flow ${params.get("sid")}`);
  return flow;
}

function describe(flow: Flow) {
  const { seq, friendlyName, status } = latestRevision(flow);
  const published = publishedRevision(flow)?.seq ?? null;
  return {
    sid: flow.sid,
    friendlyName,
    status,
    revision: seq,
    published,
    active: new Set(flow.active.values()).size,
  };
}

function summary(execution: Execution) {
  const { sid, flow, status, problem, waiting, dateCreated } = execution;
  const until = waiting?.until;
  return {
    sid,
    flowSid: flow.sid,
    status,
    problem: problem ?? null,
    at: status === "active" ? currentFrame(execution).at : null,
    waitsUntil: until === undefined ? null : isoMillis(until),
    dateCreated: isoMillis(dateCreated),
  };
}

function presentExecution(execution: Execution) {
  const { party, steps, frames } = execution;
  return {
    ...summary(execution),
    contact: party.contact,
    conversationSid: party.conversationSid ?? null,
    revision: frames[0]?.revision ?? null,
    context: variablesOf(execution, currentFrame(execution)),
    steps: [...steps.upFrom(0)].map(
      ({ sid, event, from, to, type, parentStepSid, context, dateCreated }) => ({
        sid,
        event,
        from,
        to,
        type,
        parentStepSid: parentStepSid ?? null,
        context: JSON.parse(context) as unknown,
        at: isoMillis(dateCreated),
      }),
    ),
  };
}

function progressOf({ status, frames, steps }: Execution): Progress {
  const own = [...steps.values()].filter(({ parentStepSid }) => parentStepSid === undefined);
  return {
    taken: new Set(own.map(({ from, event, to }) => transitionKey(from, event, to))),
    at: status === "active" ? frames[0]?.at : undefined,
  };
}
