import { isoMillis } from "../../dates.ts";
import type { Content } from "../../domain/model.ts";
import { requestRules } from "../../domain/rules/request.ts";
import type { SdkHandler } from "../call.ts";

const mostOnPage = 100;

/** GET /Client/v2/ContentTemplates: the account's templates, in pages of `PageSize` that begin at a `PageToken`. */
export const list: SdkHandler = ({ resources, query }) => {
  const size = query.get("PageSize") ?? String(mostOnPage);
  const from = query.get("PageToken") ?? "0";
  if (!/^[1-9]\d{0,5}$/.test(size)) throw requestRules.invalidParameter("PageSize");
  if (!/^\d{1,12}$/.test(from)) throw requestRules.invalidPageToken();
  const page: Content[] = [];
  let next: string | null = null;
  for (const content of resources.contents.upFrom(Number(from))) {
    if (page.length === Math.min(Number(size), mostOnPage)) {
      next = String(content.seq);
      break;
    }
    page.push(content);
  }
  return { status: 200, body: { templates: page.map(present), meta: { next_token: next } } };
};

function present({ sid, friendlyName, variables, types, dateCreated, dateUpdated }: Content): object {
  return {
    sid,
    friendly_name: friendlyName,
    variables: JSON.stringify(Object.fromEntries(variables)),
    variants: Object.fromEntries(types),
    date_created: isoMillis(dateCreated),
    date_updated: isoMillis(dateUpdated),
  };
}
