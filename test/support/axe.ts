import axe from "axe-core";
import type { Page } from "playwright-core";

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
}

/**
 * What axe finds wrong with a page as it is now, in light and in dark: the rule, the element and what to do. The best
 * practices are among its rules, beside WCAG 2.2 A and AA.
 */
export async function accessibilityFindings(page: Page): Promise<string[]> {
  const findings: string[] = [];
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    // Not a script of the page, so that its policy lets it in.
    const violations = await page.evaluate<Violation[]>(
      `${axe.source}; axe.run({ resultTypes: ["violations"] }).then(({ violations }) => violations)`,
    );
    for (const { id, nodes } of violations)
      for (const { html, failureSummary } of nodes)
        findings.push(`${colorScheme}: ${id}: ${html}: ${failureSummary}`);
  }
  return findings;
}
