/** A difference from the specification. */
export interface Finding {
  /** "POST /v1/Conversations", or "" without an operation. */
  readonly operation: string;
  /** A JSON path in the response ("$.links.export"), or another part of the exchange ("status"). */
  readonly location: string;
  readonly expected: string;
  readonly got: string;
  /** Scenarios in which it occurred. */
  readonly scenarios: readonly string[];
}

/** Collects findings. Equal ones of several responses are one finding. */
export class Findings {
  readonly #found = new Map<string, Finding & { readonly scenarios: string[] }>();

  add(operation: string, location: string, expected: string, got: string, scenario?: string): void {
    // Values differ between responses; location and expectation identify a finding.
    const key = [operation, location, expected].join("\n");
    const finding = this.#found.get(key) ?? { operation, location, expected, got, scenarios: [] };
    this.#found.set(key, finding);
    if (scenario !== undefined && !finding.scenarios.includes(scenario)) finding.scenarios.push(scenario);
  }

  all(): readonly Finding[] {
    return [...this.#found.values()];
  }
}
