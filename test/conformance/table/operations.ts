import { allOperations, type Operation } from "../../../emulator/api/operations.ts";
import { isObject, parseJson } from "../check/json.ts";
import { findOperation } from "../check/match.ts";
import type { Exchange } from "../recorder.ts";
import type { Run } from "../run/scenarios.ts";

/** The results of a run of the suite for one operation. */
export interface OperationCoverage {
  readonly operation: Operation;
  /** Scenarios in which it was answered, in order. */
  readonly scenarios: readonly string[];
  /** Ids of the rules that were broken at it. */
  readonly broken: ReadonlySet<string>;
}

/** The results of a run of the suite for every emulated operation. */
export function coverageOf({ exchanges }: Run): readonly OperationCoverage[] {
  const answers = new Map<Operation, Exchange[]>(allOperations.map((operation) => [operation, []]));
  for (const exchange of exchanges) {
    const operation = findOperation(allOperations, exchange);
    if (operation !== undefined && exchange.status !== 501) answers.get(operation)?.push(exchange);
  }
  return allOperations.map((operation) => {
    const answered = answers.get(operation) ?? [];
    return {
      operation,
      scenarios: [...new Set(answered.map(({ scenario }) => scenario))],
      broken: new Set(answered.flatMap(({ body }) => brokenRule(operation, body))),
    };
  });
}

/** The rule of an error response. Several rules may have one code, so the message decides. */
function brokenRule({ rules }: Operation, body: string): string[] {
  const answer = parseJson(body);
  if (!isObject(answer)) return [];
  const { code, status, message } = answer;
  const broken = rules.find(
    (rule) => rule.code === code && rule.status === status && pattern(rule.message).test(String(message)),
  );
  return broken === undefined ? [] : [broken.id];
}

/** A pattern of messages, with any value instead of `%s`. */
function pattern(message: string): RegExp {
  const parts = message.split("%s").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`, "s");
}
