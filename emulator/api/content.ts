import { isoSeconds } from "../dates.ts";
import { createContent, objectEntries, requestApproval } from "../domain/content.ts";
import type { Approval, Content } from "../domain/model.ts";
import { contentRules } from "../domain/rules/content.ts";
import { requestRules } from "../domain/rules/request.ts";
import { listReply } from "../http/list.ts";
import { type Call, type Handler, notFound, param } from "./call.ts";

/** POST /Content. The body is JSON. */
export const create: Handler = (call) => {
  const content = createContent(call.world, readJson(call));
  return { status: 201, body: present(call, content) };
};

/** GET /Content/{Sid} */
export const fetch: Handler = (call) => ({ status: 200, body: present(call, contentOf(call, "Sid")) });

/** DELETE /Content/{Sid} */
export const remove: Handler = (call) => {
  call.world.contents.delete(contentOf(call, "Sid"));
  return { status: 204 };
};

/** GET /Content */
export const list: Handler = (call) =>
  listReply(`${call.base}/Content`, call.query, {
    key: "contents",
    members: call.world.contents,
    sidPrefix: "HX",
    defaultSize: 50,
    maxSize: 1000,
    present: (content) => present(call, content),
  });

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
  const approval = content.approval ?? { name: "", category: "", status: "unsubmitted", rejectionReason: "" };
  const body = {
    sid: content.sid,
    account_sid: call.world.account.sid,
    whatsapp: { type: "whatsapp", ...presentApproval(content, approval) },
    url: `${call.base}/Content/${content.sid}/ApprovalRequests`,
  };
  return { status: 200, body };
};

function contentOf(call: Call, name: string): Content {
  const content = call.world.contents.get(param(call, name));
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
    // Not JSON: the same refusal as JSON that is no object.
  }
  throw contentRules.notJson();
}

function present(call: Call, content: Content): unknown {
  const url = `${call.base}/Content/${content.sid}`;
  return {
    sid: content.sid,
    account_sid: call.world.account.sid,
    friendly_name: content.friendlyName,
    language: content.language,
    variables: Object.fromEntries(content.variables),
    types: Object.fromEntries(content.types),
    url,
    date_created: isoSeconds(content.dateCreated),
    date_updated: isoSeconds(content.dateUpdated),
    links: { approval_create: `${url}/ApprovalRequests/whatsapp`, approval_fetch: `${url}/ApprovalRequests` },
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
