import { contentRules } from "../../domain/rules/content.ts";
import { requestRules } from "../../domain/rules/request.ts";
import * as content from "../content.ts";
import type { Row } from "./operation.ts";
import * as may from "./refusals.ts";

const template = [
  contentRules.notJson,
  contentRules.typesMissing,
  contentRules.typeUnsupported,
  contentRules.fieldInvalid,
  contentRules.variablesInvalid,
  contentRules.tooManyVariables,
  contentRules.languageMissing,
  contentRules.languageInvalid,
];

/** The Content API, version 1. */
export const contentRows: readonly Row[] = [
  ["POST", "/Content", content.create, template],
  ["GET", "/Content", content.list, may.paging],
  ["GET", "/Content/{Sid}", content.fetch],
  ["PUT", "/Content/{Sid}", content.update, [template, contentRules.alreadySubmitted]],
  ["DELETE", "/Content/{Sid}", content.remove],
  [
    "POST",
    "/Content/{ContentSid}/ApprovalRequests/whatsapp",
    content.requestWhatsAppApproval,
    [
      contentRules.notJson,
      requestRules.invalidParameter,
      contentRules.notForApproval,
      contentRules.alreadySubmitted,
    ],
  ],
  ["GET", "/Content/{Sid}/ApprovalRequests", content.fetchApproval],
  ["GET", "/ContentAndApprovals", content.listWithApprovals, may.paging],
  ["GET", "/LegacyContent", content.listLegacy, may.paging],
];

/** The lists of the Content API, version 2. */
export const contentV2Rows: readonly Row[] = [
  ["GET", "/Content", content.list, may.paging],
  ["GET", "/ContentAndApprovals", content.listWithApprovals, may.paging],
];
