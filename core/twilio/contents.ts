import type { Resource } from "../handler.ts";
import { accountEntries, openApi } from "./account.ts";

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
export const templates: Resource<(contentSid: string) => Promise<Template>> = {
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
