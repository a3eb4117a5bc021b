import type { Handler } from "../../core/handler.ts";
import { type Endpoint, endpoints, handlerOf } from "../../infra/endpoints.ts";
import { leadOf, pageFileOf, paragraphs, readPage } from "../../infra/summary.ts";
import { secondsOf } from "../../infra/template/template.ts";
import { type OutputField, readSources, type Source } from "./source.ts";

/** An endpoint with its definition, source, template settings and page. */
export interface Description {
  readonly endpoint: Endpoint;
  readonly handler: Handler;
  readonly source: Source;
  /** Seconds on Lambda: of the function that answers, and of the queue's consumer if it has one. */
  readonly lambdaSeconds: number;
  readonly consumerSeconds: number | undefined;
  /** The page's file, relative to the root. */
  readonly pageFile: string;
  /** The current page, if it exists. */
  readonly page: string | undefined;
  /** What the endpoint does: the page's first paragraph, or the first of the handler's comment. */
  readonly lead: string;
}

/** The data of the reference. */
export interface Descriptions {
  readonly all: readonly Description[];
  /** The fields of a failure's body. */
  readonly error: readonly OutputField[];
}

/** Reads everything about every endpoint, in order of name. */
export async function describeEndpoints(): Promise<Descriptions> {
  const { byName, error } = readSources(endpoints());
  const all = endpoints().map(async (endpoint): Promise<Description> => {
    const { name, isQueued, isContinued } = endpoint;
    const source = byName.get(name);
    if (source === undefined) throw new Error(`${endpoint.handlerFile} was not read.`);
    const handler = await handlerOf(endpoint);
    const pageFile = pageFileOf(endpoint);
    const page = readPage(endpoint);
    return {
      endpoint,
      handler,
      source,
      lambdaSeconds: secondsOf(name),
      consumerSeconds: isQueued || isContinued ? secondsOf(`${name}-consumer`) : undefined,
      pageFile,
      page,
      lead: page === undefined ? firstParagraph(source.comment) : leadOf(pageFile, page),
    };
  });
  return { all: await Promise.all(all), error };
}

/** Whether a Studio flow may call it: it accepts Twilio's signature and is not a webhook, which only Twilio may call. */
export const isStep = ({ endpoint, handler }: Description): boolean =>
  !endpoint.isProtected && handler.access.schemes.includes("X-Twilio-Signature");

const firstParagraph = (comment: string): string =>
  (paragraphs(comment)[0] ?? "").replace(/ \(docs: [^)]*\)/g, "");
