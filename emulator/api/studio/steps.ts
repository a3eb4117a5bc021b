import { isoSeconds } from "../../dates.ts";
import { listResponse } from "../../http/list.ts";
import type { Execution, Step } from "../../studio/model.ts";
import { type Call, type Handler, notFound, param } from "../call.ts";
import { executionOf, urlOf } from "./executions.ts";

/** GET /Flows/{FlowSid}/Executions/{ExecutionSid}/Steps: the newest first */
export const list: Handler = (call) => {
  const execution = executionOf(call, "ExecutionSid");
  return listResponse(`${urlOf(call, execution)}/Steps`, call.query, {
    key: "steps",
    members: execution.steps,
    sidPrefix: "FT",
    defaultSize: 50,
    maxSize: 1000,
    descending: true,
    present: (step) => present(call, execution, step),
  });
};

/** GET /Flows/{FlowSid}/Executions/{ExecutionSid}/Steps/{Sid} */
export const fetch: Handler = (call) => {
  const execution = executionOf(call, "ExecutionSid");
  return { status: 200, body: present(call, execution, stepOf(call, execution, "Sid")) };
};

/** GET /Flows/{FlowSid}/Executions/{ExecutionSid}/Steps/{StepSid}/Context */
export const fetchContext: Handler = (call) => {
  const execution = executionOf(call, "ExecutionSid");
  const step = stepOf(call, execution, "StepSid");
  const body = {
    account_sid: call.resources.account.sid,
    context: JSON.parse(step.context) as unknown,
    execution_sid: execution.sid,
    flow_sid: execution.flow.sid,
    step_sid: step.sid,
    url: `${urlOf(call, execution)}/Steps/${step.sid}/Context`,
  };
  return { status: 200, body };
};

function stepOf(call: Call, { steps }: Execution, name: string): Step {
  const step = steps.get(param(call, name));
  if (step === undefined) throw notFound(call);
  return step;
}

function present(call: Call, execution: Execution, step: Step) {
  const url = `${urlOf(call, execution)}/Steps/${step.sid}`;
  return {
    sid: step.sid,
    account_sid: call.resources.account.sid,
    flow_sid: execution.flow.sid,
    execution_sid: execution.sid,
    parent_step_sid: step.parentStepSid ?? null,
    name: step.event,
    context: JSON.parse(step.context) as unknown,
    transitioned_from: step.from,
    transitioned_to: step.to,
    type: step.type,
    date_created: isoSeconds(step.dateCreated),
    date_updated: null,
    url,
    links: { step_context: `${url}/Context` },
  };
}
