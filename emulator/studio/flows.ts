import { Collection } from "../domain/collection.ts";
import type { ApiError } from "../domain/errors.ts";
import type { Resources } from "../domain/resources.ts";
import { studioRules } from "../domain/rules/studio.ts";
import type { Flow, Revision, StudioState } from "./model.ts";
import { latestRevision } from "./revisions.ts";
import { type FlowError, validateDefinition } from "./validation.ts";
import { parseJson } from "./widget.ts";

/** The fields of a request for a flow; undefined if omitted. */
export interface FlowInput {
  readonly friendlyName: string | undefined;
  readonly status: string | undefined;
  readonly definition: string | undefined;
  readonly commitMessage: string | undefined;
}

const longestDefinition = 1024 * 1024;

/** A Studio without flows. */
export function emptyStudio(): StudioState {
  return { flows: new Collection(), agents: new Map(), tasks: new Collection() };
}

/** Checks a flow before it is saved; the error lists all errors of the definition. */
export function checkFlow(input: FlowInput): void {
  if (!input.friendlyName) throw studioRules.parameterMissing("FriendlyName");
  checkStatus(input.status);
  checkDefinition(input.definition);
}

/** Creates a flow with its first revision. */
export function createFlow(resources: Resources, { flows }: StudioState, input: FlowInput): Flow {
  checkFlow(input);
  const now = resources.clock.now();
  const flow: Flow = {
    sid: resources.ids.sid("FW"),
    seq: flows.nextSeq(),
    revisions: new Collection(),
    executions: new Collection(),
    active: new Map(),
    testUsers: [],
    dateCreated: now,
    dateUpdated: undefined,
  };
  addRevision(resources, flow, input, undefined);
  flows.add(flow);
  return flow;
}

/** Saves a new revision. Omitted fields are unchanged; the definition is replaced as a whole. */
export function updateFlow(resources: Resources, flow: Flow, input: FlowInput): void {
  checkStatus(input.status);
  if (input.definition !== undefined) checkDefinition(input.definition);
  addRevision(resources, flow, input, latestRevision(flow));
  flow.dateUpdated = resources.clock.now();
}

function addRevision(resources: Resources, flow: Flow, input: FlowInput, before: Revision | undefined): void {
  const seq = flow.revisions.nextSeq() || 1;
  const definition =
    input.definition === undefined ? undefined : JSON.stringify(JSON.parse(input.definition));
  flow.revisions.add({
    sid: String(seq),
    seq,
    friendlyName: input.friendlyName || before?.friendlyName || "",
    status: checkStatus(input.status),
    commitMessage: input.commitMessage || undefined,
    definition: definition ?? before?.definition ?? "{}",
    dateCreated: resources.clock.now(),
  });
}

function checkStatus(status: string | undefined): Revision["status"] {
  if (!status) throw studioRules.parameterMissing("Status");
  if (status !== "draft" && status !== "published") throw studioRules.parameterInvalid("Status");
  return status;
}

function checkDefinition(text: string | undefined): void {
  if (!text) throw studioRules.parameterMissing("Definition");
  const json = Buffer.byteLength(text) > longestDefinition ? undefined : parseJson(text);
  if (json === undefined) throw studioRules.parameterInvalid("Definition");
  const errors = validateDefinition(json);
  if (errors.length > 0) throw withDetails(studioRules.definitionInvalid(), errors);
}

function withDetails(error: ApiError, errors: readonly FlowError[]): ApiError {
  return error.with({ errors });
}
