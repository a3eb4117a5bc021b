/** The most results that are remembered, so that memory stays bounded. */
const most = 100;

/** Remembers the latest results of a pure function of a text, for texts that recur in nearly every request. */
export function remember<T>(compute: (text: string) => T): (text: string) => T {
  const results = new Map<string, T>();
  return (text) => {
    const known = results.get(text);
    if (known !== undefined) return known;
    const result = compute(text);
    if (results.size === most) results.clear();
    results.set(text, result);
    return result;
  };
}
