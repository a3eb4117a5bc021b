import { isoSeconds, parseIsoDate } from "../../dates.ts";
import { requestRules } from "../../domain/rules/request.ts";
import { studioRules } from "../../domain/rules/studio.ts";
import { listResponse } from "../../http/list.ts";
import { currentFrame, variablesOf } from "../../studio/context.ts";
import type { Execution, Json } from "../../studio/model.ts";
import { isObject, parseJson } from "../../studio/widget.ts";
import { type Call, type Handler, notFound, param } from "../call.ts";
import { flowOf } from "./flows.ts";

/** POST /Flows/{FlowSid}/Executions */
export const create: Handler = (call) => {
  const flow = flowOf(call, "FlowSid");
  const [to, from] = [call.form.get("To"), call.form.get("From")];
  if (!to) throw studioRules.parameterMissing("To");
  if (!from) throw studioRules.parameterMissing("From");
  const execution = call.studio.create(flow, to, from, parametersOf(call));
  return { status: 201, body: present(call, execution) };
};

/** GET /Flows/{FlowSid}/Executions/{Sid} */
export const fetch: Handler = (call) => ({ status: 200, body: present(call, executionOf(call, "Sid")) });

/** POST /Flows/{FlowSid}/Executions/{Sid}: the only change is to end it */
export const update: Handler = (call) => {
  const execution = executionOf(call, "Sid");
  const status = call.form.get("Status");
  if (!status) throw studioRules.parameterMissing("Status");
  if (status !== "ended") throw studioRules.parameterInvalid("Status");
  call.studio.engine.end(execution);
  return { status: 200, body: present(call, execution) };
};

/** DELETE /Flows/{FlowSid}/Executions/{Sid} */
export const remove: Handler = (call) => {
  call.studio.engine.forget(executionOf(call, "Sid"));
  return { status: 204 };
};

/** GET /Flows/{FlowSid}/Executions: the newest first */
export const list: Handler = (call) => {
  const flow = flowOf(call, "FlowSid");
  const { query } = call;
  const given = ["Status", "DateCreatedFrom", "DateCreatedTo"] as const;
  const filters = given.flatMap((name) => {
    const value = query.get(name) || (name === "Status" ? query.get("status") : undefined);
    return value ? [[name, value] as const] : [];
  });
  const wanted = new Map(filters);
  const from = dateOf(wanted, "DateCreatedFrom");
  const to = dateOf(wanted, "DateCreatedTo");
  const status = wanted.get("Status");
  if (status !== undefined && status !== "active" && status !== "ended")
    throw requestRules.invalidParameter("Status");
  return listResponse(`${call.base}/Flows/${flow.sid}/Executions`, query, {
    key: "executions",
    members: flow.executions,
    sidPrefix: "FN",
    defaultSize: 50,
    maxSize: 1000,
    descending: true,
    filters,
    keep: ({ status: is, dateCreated }) =>
      (status === undefined || is === status) &&
      (from === undefined || dateCreated >= from) &&
      (to === undefined || dateCreated <= to),
    present: (execution) => present(call, execution),
  });
};

/** GET /Flows/{FlowSid}/Executions/{ExecutionSid}/Context */
export const fetchContext: Handler = (call) => {
  const execution = executionOf(call, "ExecutionSid");
  const body = {
    account_sid: call.resources.account.sid,
    context: variablesOf(execution, currentFrame(execution)),
    flow_sid: execution.flow.sid,
    execution_sid: execution.sid,
    url: `${urlOf(call, execution)}/Context`,
  };
  return { status: 200, body };
};

/** The execution that the path names, or 404. */
export function executionOf(call: Call, name: string): Execution {
  const execution = flowOf(call, "FlowSid").executions.get(param(call, name));
  if (execution === undefined) throw notFound(call);
  return execution;
}

/** The path of an execution. */
export function urlOf(call: Call, { flow, sid }: Execution): string {
  return `${call.base}/Flows/${flow.sid}/Executions/${sid}`;
}

/** A JSON object; undefined is an empty one. */
function parametersOf({ form }: Call): Json {
  const text = form.get("Parameters");
  if (!text) return {};
  const json = parseJson(text);
  if (!isObject(json)) throw studioRules.parameterInvalid("Parameters");
  return json;
}

function dateOf(wanted: ReadonlyMap<string, string>, name: string): number | undefined {
  const text = wanted.get(name);
  if (text === undefined) return undefined;
  const date = parseIsoDate(text);
  if (date === undefined) throw requestRules.invalidParameter(name);
  return date;
}

function present(call: Call, execution: Execution) {
  const { sid, flow, party, frames, status, initiatedBy, dateCreated, dateUpdated } = execution;
  const url = urlOf(call, execution);
  return {
    sid,
    account_sid: call.resources.account.sid,
    flow_sid: flow.sid,
    contact_channel_address: party.contact,
    // Contacts are not emulated: no other resource refers to them.
    contact_sid: null,
    flow_version: frames[0]?.revision ?? null,
    context: variablesOf(execution, currentFrame(execution)),
    status,
    date_created: isoSeconds(dateCreated),
    date_updated: isoSeconds(dateUpdated),
    initiated_by: initiatedBy,
    url,
    links: { steps: `${url}/Steps`, execution_context: `${url}/Context` },
  };
}
