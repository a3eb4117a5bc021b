import { InvalidInput } from "../errors.ts";
import type { Resource } from "../handler.ts";
import type { Sid } from "../sid.ts";
import { accountEntries, openApi } from "./account.ts";
import { explainTwilioError, isTwilioError } from "./errors.ts";

/** A content template, as far as sending it over WhatsApp goes. */
export interface Template {
  /** WhatsApp's word on it: `unsubmitted`, `received`, `pending`, `approved`, `rejected`, `paused` or `disabled`. */
  readonly whatsappStatus: string;
  /** Names of the variables that have no default and must be given. */
  readonly requiredVariables: readonly string[];
}

interface ContentPayload {
  readonly types?: object;
  readonly variables?: object | null;
}

interface ApprovalPayload {
  readonly whatsapp?: { readonly status?: string } | null;
}

/**
 * Fetches a content template with its approval (docs: Send rich content messages). Two plain reads: the official
 * resource classes for content would add 15 kB to a bundle for them.
 */
export const templates: Resource<FetchTemplate> = {
  entries: accountEntries,
  open(environment) {
    const api = openApi(environment, "content", "v1");
    return (call) => async (contentSid) => {
      const version = api(call);
      const [content, approval] = await Promise.all([
        version.fetch({ method: "get", uri: `/Content/${contentSid}` }) as Promise<ContentPayload>,
        version.fetch({
          method: "get",
          uri: `/Content/${contentSid}/ApprovalRequests`,
        }) as Promise<ApprovalPayload>,
      ]);
      const withDefault = new Set(Object.keys(content.variables ?? {}));
      return {
        whatsappStatus: approval.whatsapp?.status ?? "unsubmitted",
        requiredVariables: placeholdersOf(content.types ?? {}).filter((name) => !withDefault.has(name)),
      };
    };
  },
};

/** Names of the variables in a template, whatever its type. */
function placeholdersOf(types: object): string[] {
  const names = JSON.stringify(types).matchAll(/\{\{\s*(\w+)\s*\}\}/g);
  return [...new Set([...names].flatMap(([, name]) => name ?? []))].sort();
}

/** Fetches a template. */
export type FetchTemplate = (contentSid: Sid<"HX">) => Promise<Template>;

/** A content template with its variables, and the input fields that they came in. */
export interface GivenTemplate {
  readonly contentSid: Sid<"HX">;
  readonly variables: Readonly<Record<string, string>>;
  readonly field: string;
  readonly variablesField: string;
  /** Whether it is to begin a WhatsApp conversation, for which WhatsApp must have approved it. */
  readonly needsApproval: boolean;
}

/**
 * Checks that a template can be sent. Twilio says so only after the message was created; asked beforehand, nothing has
 * to be taken back.
 *
 * @throws {InvalidInput} `template_not_found`, `template_not_approved` or `template_variables_missing`.
 */
export async function checkTemplate(
  fetchTemplate: FetchTemplate,
  { contentSid, variables, field, variablesField, needsApproval }: GivenTemplate,
): Promise<void> {
  const template = await fetchTemplate(contentSid).catch((cause: unknown) => {
    if (!isTwilioError(cause, { status: 404 })) throw explainTwilioError(cause, { field });
    const message = `${field}: this account has no such content template.`;
    throw new InvalidInput(message, { code: "template_not_found", field, cause });
  });
  if (needsApproval && template.whatsappStatus !== "approved") {
    const message =
      `${field}: WhatsApp has not approved this template (its status is "${template.whatsappStatus}"). ` +
      "Submit it, and try again once it is approved.";
    throw new InvalidInput(message, { code: "template_not_approved", field });
  }
  const missing = template.requiredVariables.filter((name) => !Object.hasOwn(variables, name));
  if (missing.length > 0) {
    const message = `${variablesField}: the template also needs ${missing.join(", ")}.`;
    throw new InvalidInput(message, { code: "template_variables_missing", field: variablesField });
  }
}

/** The fields of an input that name a content template. */
export interface TemplateFields {
  readonly contentSid?: Sid<"HX"> | undefined;
  readonly contentVariables?: Readonly<Record<string, string>> | undefined;
}

/** Checks that the template of an input, if it names one, can be sent. @throws {InvalidInput} as `checkTemplate`. */
export async function checkContent(
  fetchTemplate: FetchTemplate,
  { contentSid, contentVariables: variables = {} }: TemplateFields,
  { needsApproval }: Pick<GivenTemplate, "needsApproval">,
): Promise<void> {
  if (contentSid === undefined) return;
  const fields = { field: "contentSid", variablesField: "contentVariables" };
  await checkTemplate(fetchTemplate, { contentSid, variables, needsApproval, ...fields });
}
