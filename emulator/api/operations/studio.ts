import { requestRules } from "../../domain/rules/request.ts";
import { studioRules } from "../../domain/rules/studio.ts";
import * as executions from "../studio/executions.ts";
import * as flows from "../studio/flows.ts";
import * as revisions from "../studio/revisions.ts";
import * as steps from "../studio/steps.ts";
import type { Row } from "./operation.ts";
import * as may from "./refusals.ts";

const flowFields = [
  studioRules.parameterMissing,
  studioRules.parameterInvalid,
  studioRules.definitionInvalid,
];

const ofExecutions = "/Flows/{FlowSid}/Executions";
const execution = `${ofExecutions}/{ExecutionSid}`;

/** Studio, version 2. */
export const studioRows: readonly Row[] = [
  ["POST", "/Flows", flows.create, flowFields],
  ["GET", "/Flows", flows.list, may.paging],
  ["POST", "/Flows/Validate", flows.validate, flowFields],
  ["GET", "/Flows/{Sid}", flows.fetch],
  ["POST", "/Flows/{Sid}", flows.update, flowFields],
  ["DELETE", "/Flows/{Sid}", flows.remove],
  ["GET", "/Flows/{Sid}/Revisions", revisions.list, may.paging],
  ["GET", "/Flows/{Sid}/Revisions/{Revision}", revisions.fetch],
  ["GET", "/Flows/{Sid}/TestUsers", flows.fetchTestUsers],
  ["POST", "/Flows/{Sid}/TestUsers", flows.updateTestUsers, [studioRules.parameterMissing]],
  [
    "POST",
    ofExecutions,
    executions.create,
    [
      studioRules.parameterMissing,
      studioRules.parameterInvalid,
      studioRules.executionActive,
      studioRules.nothingPublished,
      requestRules.tooManyRequests,
    ],
  ],
  ["GET", ofExecutions, executions.list, [may.paging, requestRules.invalidParameter]],
  ["GET", `${ofExecutions}/{Sid}`, executions.fetch],
  [
    "POST",
    `${ofExecutions}/{Sid}`,
    executions.update,
    [studioRules.parameterMissing, studioRules.parameterInvalid],
  ],
  ["DELETE", `${ofExecutions}/{Sid}`, executions.remove],
  ["GET", `${execution}/Context`, executions.fetchContext],
  ["GET", `${execution}/Steps`, steps.list, may.paging],
  ["GET", `${execution}/Steps/{Sid}`, steps.fetch],
  ["GET", `${execution}/Steps/{StepSid}/Context`, steps.fetchContext],
];
