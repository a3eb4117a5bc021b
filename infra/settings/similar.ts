/** The known name that differs from a misspelled one by two letters at most, in upper or lower case. */
export const similarTo = (name: string, known: Iterable<string>): string | undefined =>
  [...known].find((one) => distance(one.toUpperCase(), name.toUpperCase()) <= 2);

/** The Levenshtein distance. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...b].entries())
      next.push(
        Math.min((next[j] ?? 0) + 1, (row[j + 1] ?? 0) + 1, (row[j] ?? 0) + (letter === other ? 0 : 1)),
      );
    row = next;
  }
  return row[b.length] ?? 0;
}
