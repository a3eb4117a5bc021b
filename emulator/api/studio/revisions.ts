import { isoSeconds } from "../../dates.ts";
import { listReply } from "../../http/list.ts";
import { findRevision } from "../../studio/flows.ts";
import type { Flow, Revision } from "../../studio/model.ts";
import { type Call, type Handler, notFound, param } from "../call.ts";
import { flowOf } from "./flows.ts";

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
  return listReply(`${call.base}/Flows/${flow.sid}/Revisions`, call.query, {
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

/** A revision by itself. Nobody is known as its author. */
export function presentRevision(call: Call, flow: Flow, revision: Revision) {
  const { seq, friendlyName, status, commitMessage, definition, dateCreated } = revision;
  return {
    sid: flow.sid,
    account_sid: call.world.account.sid,
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
