/** The values that faults are matched against, by the names of conditions, and parameters. */
export interface Subject {
  /** Several values if any of them may match: an address may be in any parameter. */
  readonly values: Readonly<Record<string, readonly (string | undefined)[]>>;
  readonly parameters: ReadonlyMap<string, readonly string[]>;
}

/** Whether all conditions and parameters of a fault match. */
export function meets(
  subject: Subject,
  match: ReadonlyMap<string, string>,
  parameters: ReadonlyMap<string, string>,
): boolean {
  return (
    [...match].every(([name, pattern]) => anyFits(subject.values[name] ?? [], pattern)) &&
    [...parameters].every(([name, pattern]) => anyFits(subject.parameters.get(name) ?? [], pattern))
  );
}

function anyFits(values: readonly (string | undefined)[], pattern: string): boolean {
  return values.some((value) => value !== undefined && fits(value, pattern));
}

/** Whether a text matches a pattern, in which "*" matches any text. Takes time linear in both lengths. */
export function fits(text: string, pattern: string): boolean {
  const [start = "", ...rest] = pattern.split("*");
  const end = rest.pop();
  if (end === undefined) return text === pattern;
  if (!text.startsWith(start)) return false;
  let from = start.length;
  for (const part of rest) {
    const at = text.indexOf(part, from);
    if (at === -1) return false;
    from = at + part.length;
  }
  return text.length - end.length >= from && text.endsWith(end);
}
