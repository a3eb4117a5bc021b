import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Endpoint, root } from "./endpoints.ts";

/** The page of an endpoint, relative to the root. */
export const pageFileOf = ({ name }: Pick<Endpoint, "name">): string => `docs/endpoints/${name}.md`;

/** The text of an endpoint's page, if it exists. */
export function readPage(endpoint: Pick<Endpoint, "name">): string | undefined {
  const file = join(root, pageFileOf(endpoint));
  return existsSync(file) ? readFileSync(file, "utf8") : undefined;
}

/**
 * What an endpoint does: the first paragraph of its page, on one line.
 *
 * @throws when the first generated part is not followed by a paragraph.
 */
export function leadOf(file: string, page: string): string {
  const [, afterFirstPart = ""] = page.split(/<!-- end -->\n/, 2);
  const lead = paragraphs(afterFirstPart)[0] ?? "";
  if (lead === "" || /^[#<|`]{2}|^[#<|]/.test(lead))
    throw new Error(`${file}: the first generated part must be followed by what the endpoint does.`);
  return lead;
}

/** The first sentence of a text. */
export const firstSentence = (text: string): string => /^[\s\S]*?\.(?=\s|$)/.exec(text)?.[0] ?? text;

/** The paragraphs of a text, each on one line. */
export const paragraphs = (text: string): string[] =>
  text
    .trim()
    .split(/\n{2,}/)
    .map((paragraph) => paragraph.replaceAll("\n", " ").trim());
