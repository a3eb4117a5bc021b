/** One thing that is not as the specification says. */
export interface Finding {
  /** "POST /v1/Conversations", or "" for what belongs to no operation. */
  readonly operation: string;
  /** A JSON path in the answer ("$.links.export"), or what else of the exchange is meant ("status"). */
  readonly location: string;
  readonly expected: string;
  readonly got: string;
  /** Scenarios in which it was seen. */
  readonly scenarios: readonly string[];
}

/** Collects findings. The same one of many answers is one finding. */
export class Findings {
  readonly #found = new Map<string, Finding & { readonly scenarios: string[] }>();

  add(operation: string, location: string, expected: string, got: string, scenario?: string): void {
    // Values differ from answer to answer; the location and the expectation say what is wrong.
    const key = [operation, location, expected].join("\n");
    const finding = this.#found.get(key) ?? { operation, location, expected, got, scenarios: [] };
    this.#found.set(key, finding);
    if (scenario !== undefined && !finding.scenarios.includes(scenario)) finding.scenarios.push(scenario);
  }

  all(): readonly Finding[] {
    return [...this.#found.values()];
  }
}
