import axe from "axe-core";
import type { Page } from "playwright-core";

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
}

/**
 * The violations that axe finds in a page's current state, in light and dark mode: rule, element and advice. The best
 * practices are included beside WCAG 2.2 A and AA.
 */
export async function accessibilityFindings(page: Page): Promise<string[]> {
  const findings: string[] = [];
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    // Not as a script of the page, which its Content Security Policy would block.
    const violations = await page.evaluate<Violation[]>(
      `${axe.source}; axe.run({ resultTypes: ["violations"] }).then(({ violations }) => violations)`,
    );
    for (const { id, nodes } of violations)
      for (const { html, failureSummary } of nodes)
        findings.push(`${colorScheme}: ${id}: ${html}: ${failureSummary}`);
  }
  return findings;
}
