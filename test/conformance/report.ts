import type { Conformance, OperationResult } from "./check/conformance.ts";
import type { Finding } from "./check/findings.ts";
import type { ScenarioResult } from "./run/scenarios.ts";

/** A run and the results of its checks, as printed by `--json`. */
export interface Report extends Conformance {
  readonly scenarios: readonly ScenarioResult[];
}

/** Whether there are no findings. */
export function isConforming({ operations, findings, scenarios }: Report): boolean {
  return (
    findings.length === 0 &&
    operations.every((operation) => operation.findings.length === 0) &&
    scenarios.every(({ outcome }) => outcome === "passed")
  );
}

/** The report as text: findings by operation, then the totals. */
export function describeReport(report: Report): string {
  const { operations, findings, deviations, scenarios } = report;
  const products = [...new Set(operations.map(({ product }) => product))];
  const failed = scenarios.filter(({ outcome }) => outcome === "failed");
  return [
    ...operations.map(describeOperation),
    ...section("Beside the operations", findings.map(describeFinding)),
    ...section(
      "Scenarios that failed",
      failed.map(({ scenario, message }) => `  ${scenario}\n      ${message}`),
    ),
    ...section(
      "Deliberate differences",
      deviations.map(({ operation, location, reason }) => `  ${operation} ${location}: ${reason}`),
    ),
    "",
    ...products.map((product) => describeProduct(product, operations)),
    `${sum(operations, "answers")} answers and ${sum(operations, "errors")} errors checked, ` +
      `${mismatches(report)} mismatches, ${failed.length} of ${scenarios.length} scenarios failed`,
  ].join("\n");
}

function describeOperation({ operation, answers, errors, notEmulated, findings }: OperationResult): string {
  const mark = findings.length === 0 ? "ok " : "FAIL";
  const missing = notEmulated === 0 ? "" : `, ${notEmulated} not emulated`;
  const line = `${mark} ${operation}: ${answers} answers, ${errors} errors${missing}`;
  return [line, ...findings.map(describeFinding)].join("\n");
}

function describeFinding({ location, expected, got, scenarios }: Finding): string {
  const where = scenarios.length === 0 ? "" : `\n      in: ${scenarios.slice(0, 3).join("; ")}`;
  return `    ${location}: expected ${expected}, got ${got}${where}`;
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ["", `${title}:`, ...lines];
}

function describeProduct(product: string, operations: readonly OperationResult[]): string {
  const own = operations.filter((operation) => operation.product === product);
  const called = own.filter(({ answers, errors }) => answers + errors > 0).length;
  const answered = own.filter(({ answers }) => answers > 0).length;
  return `${product}: ${called} of ${own.length} operations called, ${answered} of them with success`;
}

function sum(operations: readonly OperationResult[], key: "answers" | "errors"): number {
  return operations.reduce((total, operation) => total + operation[key], 0);
}

function mismatches({ operations, findings }: Report): number {
  return operations.reduce((total, operation) => total + operation.findings.length, findings.length);
}
