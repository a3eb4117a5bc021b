import type { Definition } from "./definition.ts";
import type { Flow, Revision } from "./model.ts";

/** The newest revision. */
export function latestRevision({ revisions }: Flow): Revision {
  for (const revision of revisions.downFrom(revisions.nextSeq())) return revision;
  throw new Error("A flow has at least one revision");
}

/** The newest published revision, which all users except test users get. */
export function publishedRevision({ revisions }: Flow): Revision | undefined {
  for (const revision of revisions.downFrom(revisions.nextSeq())) {
    if (revision.status === "published") return revision;
  }
  return undefined;
}

/** A revision by number, `LatestPublished` or `LatestDraft`. */
export function findRevision(flow: Flow, name: string): Revision | undefined {
  if (name === "LatestPublished") return publishedRevision(flow);
  return name === "LatestDraft" ? latestRevision(flow) : flow.revisions.get(name);
}

/** The definition of a revision, which was checked when it was saved. */
export function definitionOf({ definition }: Revision): Definition {
  return JSON.parse(definition) as Definition;
}
