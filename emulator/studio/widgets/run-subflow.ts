import type { Json } from "../model.ts";
import { findRevision } from "../revisions.ts";
import { type Outcome, parametersOf, type Visit, type Widget } from "../widget.ts";

/**
 * Runs another flow inside this one, one level deep ("Run Subflow widget"). Every variable that it sets is available under the
 * widget's name.
 */
export const runSubflow: Widget = {
  properties: { flow_sid: "flow sid", flow_revision: "text", parameters: "parameters" },
  required: ["flow_sid", "flow_revision"],
  events: ["completed", "failed"],
  enter(visit) {
    const { state, studio, execution, frame } = visit;
    const flowSid = String(state.properties.flow_sid);
    if (execution.frames.length > 1) return failure(visit, "a subflow cannot run another one");
    const flow = studio.flows.get(flowSid);
    const revision = flow && findRevision(flow, String(state.properties.flow_revision));
    if (flow === undefined || revision === undefined)
      return failure(visit, `there is no such revision of a flow ${flowSid}`);
    const parameters: Json = Object.fromEntries(parametersOf(visit));
    const parent = {
      parameters,
      step_sid: frame.stepSid,
      execution_sid: execution.sid,
      flow_sid: execution.flow.sid,
      trigger_type: Object.keys(frame.trigger)[0] ?? "",
    };
    const trigger = { ...frame.trigger, parent };
    return { subflow: { flowSid: flow.sid, revision: revision.seq, trigger, data: frame.data } };
  },
};

function failure({ state, note }: Visit, reason: string): Outcome {
  note(`${state.name}: ${reason}`);
  return { event: "failed" };
}
