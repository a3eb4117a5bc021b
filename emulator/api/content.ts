import { isoSeconds } from "../dates.ts";
import { createContent, objectEntries, requestApproval, updateContent } from "../domain/content.ts";
import type { Approval, Content } from "../domain/model.ts";
import { contentRules } from "../domain/rules/content.ts";
import { requestRules } from "../domain/rules/request.ts";
import { listResponse } from "../http/list.ts";
import { type Call, type Handler, notFound, param } from "./call.ts";

/** POST /Content. The body is JSON. */
export const create: Handler = (call) => {
  const content = createContent(call.resources, readJson(call));
  return { status: 201, body: present(call, content) };
};

/** GET /Content/{Sid} */
export const fetch: Handler = (call) => ({ status: 200, body: present(call, contentOf(call, "Sid")) });

/** PUT /Content/{Sid}. The body is JSON. */
export const update: Handler = (call) => {
  const content = contentOf(call, "Sid");
  updateContent(call.resources, content, readJson(call));
  return { status: 200, body: present(call, content) };
};

/** DELETE /Content/{Sid} */
export const remove: Handler = (call) => {
  call.resources.contents.delete(contentOf(call, "Sid"));
  return { status: 204 };
};

/** GET /Content, also in version 2 */
export const list: Handler = (call) => listContents(call, "Content", () => true, present);

/** GET /ContentAndApprovals, also in version 2 */
export const listWithApprovals: Handler = (call) =>
  listContents(
    call,
    "ContentAndApprovals",
    () => true,
    (_, content) => ({
      ...presentFields(call, content),
      approval_requests: presentApproval(content, content.approval ?? unsubmitted),
    }),
  );

/** GET /LegacyContent: templates from before this API; always empty. */
export const listLegacy: Handler = (call) => listContents(call, "LegacyContent", () => false, present);

/** Version 2 filters by `ContentName`, `Language` and `ContentType`, each a comma-separated list. */
function listContents(
  call: Call,
  name: string,
  keep: (content: Content) => boolean,
  presentOne: (call: Call, content: Content) => unknown,
) {
  const filters = ["ContentName", "Language", "ContentType"].flatMap((filter) => {
    const value = call.base.endsWith("/v2") ? call.query.get(filter) : undefined;
    return value ? [[filter, value] as const] : [];
  });
  const wanted = new Map(filters.map(([filter, value]) => [filter, value.split(",")]));
  const passes = (filter: string, values: readonly string[]) =>
    wanted.get(filter)?.some((value) => values.includes(value)) ?? true;
  return listResponse(`${call.base}/${name}`, call.query, {
    key: "contents",
    members: call.resources.contents,
    sidPrefix: "HX",
    defaultSize: 50,
    maxSize: 1000,
    filters,
    keep: (content) =>
      keep(content) &&
      passes("ContentName", [content.friendlyName]) &&
      passes("Language", [content.language]) &&
      passes("ContentType", [...content.types.keys()]),
    present: (content) => presentOne(call, content),
  });
}

/** POST /Content/{ContentSid}/ApprovalRequests/whatsapp. The body is JSON: `name`, `category`. */
export const requestWhatsAppApproval: Handler = (call) => {
  const content = contentOf(call, "ContentSid");
  const body = readJson(call);
  const [name, category] = [body.get("name"), body.get("category")];
  if (typeof name !== "string" || !/^[a-z0-9_]{1,512}$/.test(name))
    throw requestRules.invalidParameter("name");
  if (typeof category !== "string" || !isCategory(category)) throw requestRules.invalidParameter("category");
  const approval = requestApproval(content, name, category.toUpperCase());
  return { status: 201, body: presentApproval(content, approval) };
};

/** GET /Content/{Sid}/ApprovalRequests */
export const fetchApproval: Handler = (call) => {
  const content = contentOf(call, "Sid");
  const approval = content.approval ?? unsubmitted;
  const body = {
    sid: content.sid,
    account_sid: call.resources.account.sid,
    whatsapp: { type: "whatsapp", ...presentApproval(content, approval) },
    url: `${call.base}/Content/${content.sid}/ApprovalRequests`,
  };
  return { status: 200, body };
};

const unsubmitted: Approval = { name: "", category: "", status: "unsubmitted", rejectionReason: "" };

function contentOf(call: Call, name: string): Content {
  const content = call.resources.contents.get(param(call, name));
  if (content === undefined) throw notFound(call);
  return content;
}

/** WhatsApp's template categories. */
function isCategory(category: string): boolean {
  return ["UTILITY", "MARKETING", "AUTHENTICATION"].includes(category.toUpperCase());
}

function readJson(call: Call): ReadonlyMap<string, unknown> {
  try {
    const entries = objectEntries(JSON.parse(call.body));
    if (entries !== undefined) return entries;
  } catch {
    // Invalid JSON is rejected like JSON that is not an object.
  }
  throw contentRules.notJson();
}

function present(call: Call, content: Content): unknown {
  const url = `${call.host.origin}/v1/Content/${content.sid}`;
  return {
    ...presentFields(call, content),
    url,
    links: { approval_create: `${url}/ApprovalRequests/whatsapp`, approval_fetch: `${url}/ApprovalRequests` },
  };
}

function presentFields(call: Call, content: Content) {
  return {
    sid: content.sid,
    account_sid: call.resources.account.sid,
    friendly_name: content.friendlyName,
    language: content.language,
    variables: Object.fromEntries(content.variables),
    types: Object.fromEntries(content.types),
    date_created: isoSeconds(content.dateCreated),
    date_updated: isoSeconds(content.dateUpdated),
  };
}

function presentApproval(content: Content, { name, category, status, rejectionReason }: Approval) {
  return {
    name,
    category,
    content_type: [...content.types.keys()][0] ?? "",
    status,
    rejection_reason: rejectionReason,
    allow_category_change: true,
  };
}
