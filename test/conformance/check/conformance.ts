import type { Exchange } from "../recorder.ts";
import { AnswerChecker } from "./answer.ts";
import { covers, type Deviation } from "./deviations.ts";
import { checkEcho } from "./echo.ts";
import { type Finding, Findings } from "./findings.ts";
import { parseJson } from "./json.ts";
import { apiOf, findOperation, productOf } from "./match.ts";
import { checkRequests } from "./requests.ts";
import { difference, shapesOf } from "./shape.ts";
import { type OperationSpec, operationName } from "./specification.ts";

/** The results of one operation. */
export interface OperationResult {
  readonly operation: string;
  readonly product: string;
  /** Checked responses below 400. */
  readonly answers: number;
  /** Checked error responses, except for operations that are not emulated. */
  readonly errors: number;
  readonly notEmulated: number;
  readonly findings: readonly Finding[];
}

/** A deviation, and the number of findings that it explains. */
export interface ExplainedDeviation extends Deviation {
  readonly findings: number;
}

/** The results of comparing a recorded run with a specification. */
export interface Conformance {
  readonly operations: readonly OperationResult[];
  /** Findings without an operation: requests outside of the specification, unused deviations. */
  readonly findings: readonly Finding[];
  readonly deviations: readonly ExplainedDeviation[];
}

/** Compares recorded requests with the operations of a specification. */
export function checkConformance(
  operations: readonly OperationSpec[],
  exchanges: readonly Exchange[],
  deviations: readonly Deviation[],
): Conformance {
  const findings = new Findings();
  const apis = new Set(operations.map(({ product, path }) => apiOf(product, path)));
  const byOperation = new Map<OperationSpec, Exchange[]>(operations.map((operation) => [operation, []]));
  for (const exchange of exchanges) {
    if (!apis.has(apiOf(productOf(exchange), exchange.url))) continue;
    const operation = findOperation(operations, exchange);
    if (operation === undefined) {
      const request = `${exchange.method} https://${exchange.host}${exchange.url}`;
      findings.add("", request, "an operation of the specification", "none", exchange.scenario);
    } else byOperation.get(operation)?.push(exchange);
  }
  const answers = new AnswerChecker(operations);
  for (const [operation, sent] of byOperation) {
    checkAnswers(operation, sent, answers, findings);
    checkRequests(operation, sent, findings);
    checkExamples(operation, sent, findings);
  }
  return sortOut(byOperation, findings, deviations);
}

function checkAnswers(
  operation: OperationSpec,
  exchanges: readonly Exchange[],
  checker: AnswerChecker,
  findings: Findings,
): void {
  const name = operationName(operation);
  if (exchanges.length === 0) findings.add(name, "requests", "at least one", "in the spec, not called");
  else if (exchanges.some(isNotEmulated)) findings.add(name, "status", "an answer", "501 not emulated");
  else if (!exchanges.some(isAnswer)) findings.add(name, "requests", "one that succeeds", "errors only");
  for (const exchange of exchanges)
    for (const { location, expected, got } of [
      ...checker.check(operation, exchange),
      ...(isAnswer(exchange) ? checkEcho(exchange) : []),
    ])
      findings.add(name, location, expected, got, exchange.scenario);
}

/** Checks that every example of the specification has a response with exactly its keys. */
function checkExamples(operation: OperationSpec, exchanges: readonly Exchange[], findings: Findings): void {
  if (!exchanges.some(isAnswer)) return;
  for (const [status, { examples }] of operation.responses) {
    const given = exchanges.filter((exchange) => exchange.status === status && exchange.body !== "");
    const shapes = [...new Set(given.flatMap(({ body }) => shapesOf(parseJson(body))))];
    for (const [example, value] of examples)
      for (const shape of shapesOf(value))
        if (!shapes.includes(shape))
          findings.add(
            operationName(operation),
            `example ${example}`,
            `an answer ${status} with its keys`,
            nearest(shape, shapes),
          );
  }
}

function nearest(shape: string, shapes: readonly string[]): string {
  const differences = shapes.map((other) => difference(shape, other));
  const closest = differences.sort((a, b) => a.split(" ").length - b.split(" ").length)[0];
  return closest === undefined ? "no such answer" : `at best ${closest}`;
}

function sortOut(
  byOperation: ReadonlyMap<OperationSpec, readonly Exchange[]>,
  findings: Findings,
  deviations: readonly Deviation[],
): Conformance {
  const explains = (deviation: Deviation) => (finding: Finding) =>
    covers(deviation, finding.operation, finding.location);
  // Differences are unknown without the specification of a product.
  const products = new Set([...byOperation.keys()].map(({ product }) => product));
  const explained = deviations
    .filter(({ product }) => products.has(product))
    .map((deviation) => ({ ...deviation, findings: findings.all().filter(explains(deviation)).length }));
  const open = findings
    .all()
    .filter((finding) => !explained.some((deviation) => explains(deviation)(finding)));
  const unneeded = explained
    .filter((deviation) => deviation.findings === 0)
    .map(({ operation, location }) => ({
      operation: "",
      location: `deviation at ${operation} ${location}`,
      expected: "a difference to explain",
      got: "none: take it off the list",
      scenarios: [],
    }));
  const results = [...byOperation].map(([operation, exchanges]) => ({
    operation: operationName(operation),
    product: operation.product,
    answers: exchanges.filter(isAnswer).length,
    errors: exchanges.filter((exchange) => !isAnswer(exchange) && !isNotEmulated(exchange)).length,
    notEmulated: exchanges.filter(isNotEmulated).length,
    findings: open.filter((finding) => finding.operation === operationName(operation)),
  }));
  return {
    operations: results,
    findings: [...open.filter(({ operation }) => operation === ""), ...unneeded],
    deviations: explained,
  };
}

function isAnswer({ status }: Exchange): boolean {
  return status < 400;
}

function isNotEmulated({ status }: Exchange): boolean {
  return status === 501;
}
