import { listResponse } from "../../http/list.ts";
import { findRevision } from "../../studio/revisions.ts";
import { type Handler, notFound, param } from "../call.ts";
import { flowOf, presentRevision } from "./flows.ts";

/** GET /Flows/{Sid}/Revisions/{Revision}: by number, LatestPublished or LatestDraft */
export const fetch: Handler = (call) => {
  const flow = flowOf(call);
  const revision = findRevision(flow, param(call, "Revision"));
  if (revision === undefined) throw notFound(call);
  return { status: 200, body: presentRevision(call, flow, revision) };
};

/** GET /Flows/{Sid}/Revisions: the newest first, without definitions */
export const list: Handler = (call) => {
  const flow = flowOf(call);
  return listResponse(`${call.base}/Flows/${flow.sid}/Revisions`, call.query, {
    key: "revisions",
    members: flow.revisions,
    sidPrefix: "FW",
    defaultSize: 50,
    maxSize: 1000,
    descending: true,
    present: (revision) => ({
      ...presentRevision(call, flow, revision),
      definition: null,
      commit_message: null,
      valid: null,
      errors: null,
    }),
  });
};
