import type { Exchange } from "../recorder.ts";
import type { Findings } from "./findings.ts";
import { sentParameters } from "./match.ts";
import { type OperationSpec, operationName } from "./specification.ts";

/**
 * Checks that no request was accepted without a required parameter, that every sent parameter is in the specification,
 * that every one of the specification was sent and accepted, and for enumerations every value.
 */
export function checkRequests(
  operation: OperationSpec,
  exchanges: readonly Exchange[],
  findings: Findings,
): void {
  const name = operationName(operation);
  const accepted = new Map<string, Set<string>>();
  for (const exchange of exchanges) {
    const sent = sentParameters(exchange);
    for (const parameter of operation.required)
      if (exchange.status < 400 && !sent.some(([name]) => name === parameter))
        findings.add(name, parameter, "to be required", "accepted without it", exchange.scenario);
    for (const [parameter, value] of sent) {
      if (exchange.status < 400) addTo(accepted, parameter, value.toLowerCase());
      if (!operation.parameters.has(parameter) && !isInMap(operation, parameter))
        findings.add(name, parameter, "no such parameter", "sent", exchange.scenario);
    }
  }
  if (exchanges.some(({ status }) => status < 400)) checkAccepted(operation, accepted, findings);
}

function checkAccepted(
  operation: OperationSpec,
  accepted: ReadonlyMap<string, ReadonlySet<string>>,
  findings: Findings,
): void {
  const name = operationName(operation);
  for (const [parameter, values] of operation.parameters) {
    const sent = accepted.get(parameter);
    if (sent === undefined) findings.add(name, parameter, "to be sent in the run", "never sent");
    // Headers only enable webhooks: the other value is the default.
    if (sent === undefined || parameter.startsWith("header ")) continue;
    for (const value of values.filter((value) => !sent.has(value.toLowerCase())))
      findings.add(name, `${parameter}=${value}`, "to be accepted in the run", "never accepted");
  }
}

function addTo(sets: Map<string, Set<string>>, key: string, value: string): void {
  sets.set(key, (sets.get(key) ?? new Set()).add(value));
}

/** JSON objects with keys that the caller chooses, such as the variables of a template. */
function isInMap({ parameters }: OperationSpec, parameter: string): boolean {
  const at = parameter.indexOf(".");
  const parent = parameter.slice(0, at);
  return (
    at !== -1 &&
    parameters.has(parent) &&
    ![...parameters.keys()].some((name) => name.startsWith(`${parent}.`))
  );
}
