import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Handler } from "../../core/handler.ts";
import { type Endpoint, endpoints, handlerOf, root } from "../../infra/endpoints.ts";
import { type OutputField, readSources, type Source } from "./source.ts";
import { lambdaTimeouts } from "./template.ts";

/** All that is known of an endpoint: its definition, its source, its place in the template, and its page. */
export interface Description {
  readonly endpoint: Endpoint;
  readonly handler: Handler;
  readonly source: Source;
  /** Seconds on Lambda: of the function that answers, and of the one behind its queue where it has one. */
  readonly lambdaSeconds: number | undefined;
  readonly consumerSeconds: number | undefined;
  /** The page's file, relative to the root. */
  readonly pageFile: string;
  /** The page as it is, where there is one. */
  readonly page: string | undefined;
  /** What the endpoint does: the page's first paragraph, or the first of the handler's comment. */
  readonly lead: string;
}

/** Everything that the reference is made of. */
export interface Descriptions {
  readonly all: readonly Description[];
  /** The fields of a failure's body. */
  readonly error: readonly OutputField[];
}

/** Reads everything about every endpoint, in order of name. */
export async function describeEndpoints(): Promise<Descriptions> {
  const { byName, error } = readSources(endpoints());
  const timeouts = lambdaTimeouts();
  const all = endpoints().map(async (endpoint): Promise<Description> => {
    const { name } = endpoint;
    const source = byName.get(name);
    if (source === undefined) throw new Error(`${endpoint.handlerFile} was not read.`);
    const handler = await handlerOf(endpoint);
    const pageFile = `docs/endpoints/${name}.md`;
    const file = join(root, pageFile);
    const page = existsSync(file) ? readFileSync(file, "utf8") : undefined;
    return {
      endpoint,
      handler,
      source,
      lambdaSeconds: timeouts.get(name),
      consumerSeconds: timeouts.get(`${name}-consumer`),
      pageFile,
      page,
      lead: page === undefined ? firstParagraph(source.comment) : leadOf(pageFile, page),
    };
  });
  return { all: await Promise.all(all), error };
}

/** Whether a Studio flow may call it: Twilio's signature opens it, and it is no webhook, which Twilio alone may call. */
export const isStep = ({ endpoint, handler }: Description): boolean =>
  !endpoint.isProtected && handler.access.schemes.includes("X-Twilio-Signature");

/** The first sentence of a text. */
export const firstSentence = (text: string): string => /^[\s\S]*?\.(?=\s|$)/.exec(text)?.[0] ?? text;

function leadOf(file: string, page: string): string {
  const [, afterFirstPart = ""] = page.split(/<!-- end -->\n/, 2);
  const lead = paragraphs(afterFirstPart)[0] ?? "";
  if (lead === "" || /^[#<|`]{2}|^[#<|]/.test(lead))
    throw new Error(`${file}: the first generated part must be followed by what the endpoint does.`);
  return lead;
}

const firstParagraph = (comment: string): string =>
  (paragraphs(comment)[0] ?? "").replace(/ \(docs: [^)]*\)/g, "");

const paragraphs = (text: string): string[] =>
  text
    .trim()
    .split(/\n{2,}/)
    .map((paragraph) => paragraph.replaceAll("\n", " ").trim());
