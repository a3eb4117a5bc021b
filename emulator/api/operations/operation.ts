import type { Violation } from "../../domain/rule.ts";
import { requestRules } from "../../domain/rules/request.ts";
import { tokenRules } from "../../domain/rules/token.ts";
import type { Handler } from "../call.ts";
import type { Counted } from "../rate-limits.ts";

/** The emulated products of Twilio: the first label of *.twilio.com. */
export type Product =
  | "conversations"
  | "content"
  | "chat"
  | "mcs"
  | "media"
  | "messaging"
  | "api"
  | "monitor"
  | "studio";

/**
 * One operation of a Twilio API, for the dispatcher and for the table of what is emulated.
 *
 * `allOperations` is the table of operations and rules with their sources; operations that are not in it are not emulated.
 * Each of `operation.rules` has `id` ("conversation.closed"), `status`, `code`, `message`, `source` (documented,
 * observed, assumed) and `ref`. The list is complete: a rejection by a rule that is not listed is logged as a
 * defect, and fails the tests.
 */
export interface Operation {
  readonly product: Product;
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** With the names of parameters in braces, as in the specification. */
  readonly path: string;
  readonly handler: Handler;
  /** Who may send requests. */
  readonly access: Access;
  /** What its actions are counted per when rates are limited; undefined if it is not limited. */
  readonly countedPer: Counted | undefined;
  /** Every rule by which it may reject a request, once each. */
  readonly rules: readonly Violation[];
}

/** The account, by its credentials; also an SDK user, by an access token; or anyone with the URL. */
export type Access = "account" | "user" | "anyone";

/** Rules, in groups of any depth. */
export type Refusals = readonly (Violation | Refusals)[];

interface RowOptions {
  readonly access?: Access;
  readonly countedPer?: Counted;
}

/** An operation without the beginning of its path. By default it is for the account, and not limited. */
export type Row = readonly [
  method: Operation["method"],
  path: string,
  handler: Handler,
  refusals?: Refusals,
  options?: RowOptions,
];

/** Converts rows to operations, and adds the rules for all requests and 404 for resources in the path. */
export function operations(product: Product, prefix: string, rows: readonly Row[]): readonly Operation[] {
  return rows.map(([method, path, handler, refusals = [], options = {}]) => {
    const { access = "account", countedPer }: RowOptions = options;
    const template = prefix + path;
    const named = template.includes("{") ? [requestRules.notFound] : [];
    const tokens = access === "user" ? Object.values(tokenRules) : [];
    const rates = countedPer === undefined ? [] : [requestRules.tooManyRequests];
    const rules = [...new Set(flatten([everywhere, named, rates, refusals, tokens]))];
    return { product, method, path: template, handler, access, countedPer, rules };
  });
}

const everywhere = [requestRules.unauthenticated, requestRules.bodyTooLarge];

function flatten(refusals: Refusals): Violation[] {
  return refusals.flatMap((refusal) => ("id" in refusal ? [refusal] : flatten(refusal)));
}
