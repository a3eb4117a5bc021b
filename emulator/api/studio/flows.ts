import { isoSeconds } from "../../dates.ts";
import { studioRules } from "../../domain/rules/studio.ts";
import { listResponse } from "../../http/list.ts";
import { checkFlow, createFlow, updateFlow } from "../../studio/flows.ts";
import type { Flow, Revision } from "../../studio/model.ts";
import { latestRevision } from "../../studio/revisions.ts";
import { type Call, type Handler, notFound, param } from "../call.ts";

/** POST /Flows */
export const create: Handler = (call) => {
  const flow = createFlow(call.resources, call.studio.state, input(call));
  return { status: 201, body: present(call, flow) };
};

/** GET /Flows/{Sid} */
export const fetch: Handler = (call) => ({ status: 200, body: present(call, flowOf(call)) });

/** POST /Flows/{Sid} */
export const update: Handler = (call) => {
  const flow = flowOf(call);
  updateFlow(call.resources, flow, input(call));
  return { status: 200, body: present(call, flow) };
};

/** DELETE /Flows/{Sid}. Its executions end. */
export const remove: Handler = (call) => {
  const flow = flowOf(call);
  for (const execution of [...flow.active.values()]) call.studio.engine.end(execution);
  call.studio.state.flows.delete(flow);
  return { status: 204 };
};

/** GET /Flows, without definitions */
export const list: Handler = (call) =>
  listResponse(`${call.base}/Flows`, call.query, {
    key: "flows",
    members: call.studio.state.flows,
    sidPrefix: "FW",
    defaultSize: 50,
    maxSize: 1000,
    present: (flow) => ({
      ...present(call, flow),
      definition: null,
      commit_message: null,
      valid: null,
      errors: null,
      warnings: null,
    }),
  });

/** POST /Flows/Validate */
export const validate: Handler = (call) => {
  checkFlow(input(call));
  return { status: 200, body: { valid: true } };
};

/** GET /Flows/{Sid}/TestUsers */
export const fetchTestUsers: Handler = (call) => ({
  status: 200,
  body: presentTestUsers(call, flowOf(call)),
});

/** POST /Flows/{Sid}/TestUsers */
export const updateTestUsers: Handler = (call) => {
  const flow = flowOf(call);
  const users = call.form.all("TestUsers");
  if (users.length === 0) throw studioRules.parameterMissing("TestUsers");
  flow.testUsers = users.filter((user) => user !== "");
  return { status: 200, body: presentTestUsers(call, flow) };
};

/** The flow that the path names, or 404. */
export function flowOf(call: Call, name = "Sid"): Flow {
  const flow = call.studio.state.flows.get(param(call, name));
  if (flow === undefined) throw notFound(call);
  return flow;
}

function input({ form }: Call) {
  return {
    friendlyName: form.get("FriendlyName"),
    status: form.get("Status"),
    definition: form.get("Definition"),
    commitMessage: form.get("CommitMessage"),
  };
}

function present(call: Call, flow: Flow) {
  const url = `${call.base}/Flows/${flow.sid}`;
  const account = call.resources.account.sid;
  return {
    ...presentRevision(call, flow, latestRevision(flow)),
    warnings: [],
    webhook_url: `https://webhooks.twilio.com/v1/Accounts/${account}/Flows/${flow.sid}`,
    date_created: isoSeconds(flow.dateCreated),
    date_updated: flow.dateUpdated === undefined ? null : isoSeconds(flow.dateUpdated),
    url,
    links: { test_users: `${url}/TestUsers`, revisions: `${url}/Revisions`, executions: `${url}/Executions` },
  };
}

function presentTestUsers(call: Call, flow: Flow) {
  return { sid: flow.sid, test_users: flow.testUsers, url: `${call.base}/Flows/${flow.sid}/TestUsers` };
}

/** A single revision. Its author is unknown. */
export function presentRevision(call: Call, flow: Flow, revision: Revision) {
  const { seq, friendlyName, status, commitMessage, definition, dateCreated } = revision;
  return {
    sid: flow.sid,
    account_sid: call.resources.account.sid,
    author_sid: null,
    friendly_name: friendlyName,
    definition: JSON.parse(definition) as unknown,
    status,
    revision: seq,
    commit_message: commitMessage ?? null,
    valid: true,
    errors: [],
    date_created: isoSeconds(dateCreated),
    date_updated: null,
    url: `${call.base}/Flows/${flow.sid}/Revisions/${seq}`,
  };
}
