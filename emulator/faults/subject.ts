/** What a rule is held against: the values that it has by the names of conditions, and its parameters. */
export interface Subject {
  /** More than one where more than one will do: an address may be in any parameter. */
  readonly values: Readonly<Record<string, readonly (string | undefined)[]>>;
  readonly parameters: ReadonlyMap<string, readonly string[]>;
}

/** Whether every condition and every parameter of a rule is met. */
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

/** Whether a text is the pattern, in which "*" stands for any text. In time that grows with both lengths alone. */
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
