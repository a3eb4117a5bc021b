import { isDeepStrictEqual } from "node:util";
import { omitUndefined } from "../../../core/omit-undefined.ts";
import type { Resource } from "../api.ts";
import type { Change, Difference } from "../change.ts";
import type { Context } from "../context.ts";
import type { Content } from "../schema.ts";
import type { Kind } from "./kind.ts";

const LIST = "/v1/ContentAndApprovals?PageSize=500";

/** Content templates, by name and language (docs: Send rich content messages). A submitted template cannot be changed. */
export const contents: Kind<"contents"> = {
  section: "contents",
  async plan(section, context) {
    const actual = await context.list("content", LIST, "contents");
    const changes: Change[] = [];
    for (const content of section) {
      const present = presentOf(content, actual);
      const differences = compare(content, present ?? {});
      const subject = `the content template ${content.name} (${content.language})`;
      const body = bodyOf(content);
      if (present === undefined) {
        const run = () => context.api.sendJson("POST", "content", "/v1/Content", body);
        changes.push({ action: "create", subject, differences, run });
      } else if (differences.length > 0) {
        if (statusOf(present) !== "unsubmitted") {
          context.warnings.push(
            `${subject} is submitted and cannot be changed. Use a new name for the changed template.`,
          );
          continue;
        }
        const run = () => context.api.sendJson("PUT", "content", `/v1/Content/${present.sid}`, body);
        changes.push({ action: "update", subject, differences, run });
      }
    }
    if (!context.prune) return changes;
    const strays = actual.filter(
      (one) => !section.some((content) => presentOf(content, [one]) !== undefined),
    );
    return [...changes, ...strays.map((one) => removal(one, context))];
  },
  async pull(context) {
    const actual = await context.list("content", LIST, "contents");
    return actual.map((one): Content => {
      const { name, category } = approvalOf(one);
      return {
        name: String(one.friendly_name),
        language: String(one.language),
        variables: (one.variables ?? {}) as Record<string, string>,
        types: one.types as Content["types"],
        ...omitUndefined({
          approval:
            statusOf(one) === "unsubmitted"
              ? undefined
              : { name: String(name), category: String(category) as "UTILITY" },
        }),
      };
    });
  },
};

/** WhatsApp's approval of templates. */
export const approvals: Kind<"contents"> = {
  section: "contents",
  async plan(section, context) {
    const actual = await context.list("content", LIST, "contents");
    const changes: Change[] = [];
    for (const content of section) {
      const { approval } = content;
      if (approval === undefined) continue;
      const present = presentOf(content, actual);
      const status = present === undefined ? "unsubmitted" : statusOf(present);
      const subject = `WhatsApp's approval of the content template ${content.name} (${content.language})`;
      if (status === "unsubmitted") {
        const path = `/v1/Content/${present?.sid}/ApprovalRequests/whatsapp`;
        const run = () => context.api.sendJson("POST", "content", path, approval);
        changes.push({
          action: "create",
          subject,
          differences: [{ field: "status", from: status, to: "submitted" }],
          run,
        });
      } else if (["rejected", "paused", "disabled"].includes(status)) {
        const reason = present && approvalOf(present).rejection_reason;
        context.warnings.push(`${subject}: ${status}${reason ? ` (${reason})` : ""}.`);
      }
    }
    return changes;
  },
};

const approvalOf = (content: Resource): Resource => (content.approval_requests ?? {}) as Resource;
const statusOf = (content: Resource): string => String(approvalOf(content).status ?? "unsubmitted");

function presentOf({ name, language }: Content, actual: readonly Resource[]): Resource | undefined {
  return actual.find((one) => one.friendly_name === name && one.language === language);
}

const bodyOf = ({ name, language, variables, types }: Content): Resource => ({
  friendly_name: name,
  language,
  types,
  ...omitUndefined({ variables }),
});

/** Compares only the fields of the file, since Twilio adds others to a type. */
function compare({ types, variables }: Content, actual: Resource): Difference[] {
  const wanted = omitUndefined({ types, variables });
  return Object.entries(wanted).flatMap(([field, to]) => {
    const from = actual[field];
    return covers(from, to) ? [] : [{ field, from, to }];
  });
}

function covers(actual: unknown, wanted: unknown): boolean {
  if (typeof wanted !== "object" || wanted === null) return actual === wanted;
  if (typeof actual !== "object" || actual === null) return false;
  if (Array.isArray(wanted))
    return (
      Array.isArray(actual) &&
      actual.length === wanted.length &&
      wanted.every((item, index) => covers(actual[index], item))
    );
  const there = new Map<string, unknown>(Object.entries(actual));
  return (
    isDeepStrictEqual(wanted, actual) ||
    Object.entries(wanted).every(([key, item]) => covers(there.get(key), item))
  );
}

function removal({ sid, friendly_name, language }: Resource, { api }: Context): Change {
  return {
    action: "delete",
    subject: `the content template ${friendly_name} (${language})`,
    differences: [],
    run: () => api.remove("content", `/v1/Content/${sid}`),
  };
}
