/** Adds to the first mention of each setting in a finding where its value comes from: `TOKEN_TTL (settings.json) must …`. */
export function withSources(finding: string, sourceOf: (name: string) => string | undefined): string {
  const named = new Set<string>();
  return finding.replace(/^[A-Z][A-Z0-9]+\b(?!_)|\b[A-Z][A-Z0-9]*_[A-Z0-9_]+\b/g, (name) => {
    const source = named.has(name) ? undefined : sourceOf(name);
    named.add(name);
    return source === undefined || finding.startsWith(`${source}:`) ? name : `${name} (${source})`;
  });
}
