import { InvalidInput } from "../errors.ts";
import type { Resource } from "../handler.ts";
import type { Sid } from "../sid.ts";
import { accountEntries, openApi } from "./account.ts";
import { explainTwilioError, isTwilioError } from "./errors.ts";
import { checkTypes, checkVariables, type Template } from "./template-checks.ts";

interface ContentPayload {
  readonly types?: Readonly<Record<string, unknown>> | null;
  readonly variables?: Readonly<Record<string, unknown>> | null;
}

interface ApprovalPayload {
  readonly whatsapp?: { readonly status?: string } | null;
}

/**
 * Fetches a content template with its approval (docs: Send rich content messages). With plain requests: the
 * official resource classes for content would add 15 kB to a bundle.
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
      return {
        whatsappStatus: approval.whatsapp?.status ?? "unsubmitted",
        types: content.types ?? {},
        defaults: content.variables ?? {},
      };
    };
  },
};

/** Fetches a template. */
export type FetchTemplate = (contentSid: Sid<"HX">) => Promise<Template>;

/** A content template with its variables, and the input fields that they are from. */
export interface GivenTemplate {
  readonly contentSid: Sid<"HX">;
  readonly variables: Readonly<Record<string, string>>;
  readonly field: string;
  readonly variablesField: string;
  /** Whether it starts a WhatsApp conversation, for which WhatsApp must have approved it. */
  readonly needsApproval: boolean;
}

/**
 * Checks that a template can be sent. Twilio reports problems only after the message was created; checked before, nothing
 * has to be undone.
 *
 * @throws {InvalidInput} `template_not_found`, `template_not_approved`, or as `checkVariables` and `checkTypes`.
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
  checkTypes(template.types, field, needsApproval);
  checkVariables(template, variables, variablesField);
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
