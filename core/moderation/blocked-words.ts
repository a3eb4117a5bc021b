/** Characters that stand in for letters, to get past a list of words. */
const LOOKALIKES: ReadonlyMap<string, string> = new Map([
  ...Object.entries({ "0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "8": "b", "9": "g" }),
  ...Object.entries({ "@": "a", $: "s", "!": "i", "|": "i", "€": "e", "£": "l", "+": "t" }),
  // Cyrillic and Greek letters that look like Latin ones.
  ...Object.entries({
    а: "a",
    е: "e",
    о: "o",
    р: "p",
    с: "c",
    у: "y",
    х: "x",
    і: "i",
    ѕ: "s",
    α: "a",
    ε: "e",
    ο: "o",
    ι: "i",
    ν: "v",
  }),
]);

/** How often a letter may be repeated before a spelt-out word is not looked for any more. */
const LONGEST_STRETCH = 2;
const TOKEN = /[^\s]+/gu;
const PART_SEPARATOR = /[^\p{L}\p{N}\p{M}@$!|€£+*]+/u;
const OPENS_WORD = /[\p{L}\p{N}@$]/u;
const CLOSES_WORD = /[\p{L}\p{N}]/u;

/** Where a blocked word stands in a text: from `start` up to, and without, `end`. */
export interface Found {
  readonly start: number;
  readonly end: number;
}

/**
 * Finds blocked words in texts: whole words, whatever their case, accents, look-alike characters (`b4d`, `b@d`),
 * stretched letters (`baaad`), dots inside (`b.a.d`) and letters spelt out (`b a d`). A word inside another one is not
 * found: blocking `ass` lets `class` pass.
 */
export function blockedWordFinder(words: readonly string[]): (text: string) => Found[] {
  const blocked = new Set(words.map(skeleton).filter((word) => word !== ""));
  return (text) => {
    const tokens = [...text.matchAll(TOKEN)].map((match) => ({ word: match[0], start: match.index }));
    const found = tokens.filter(({ word }) => isBlocked(word, blocked));
    return [
      ...found.map(({ word, start }) => ({ start, end: start + word.length })),
      ...spelledOut(tokens, blocked),
    ].sort((a, b) => a.start - b.start);
  };
}

/** Puts asterisks in the place of what was found; white space between stays. */
export function maskFound(text: string, found: readonly Found[]): string {
  let masked = text;
  for (const { start, end } of found) {
    masked = masked.slice(0, start) + masked.slice(start, end).replace(/\S/gu, "*") + masked.slice(end);
  }
  return masked;
}

function isBlocked(token: string, blocked: ReadonlySet<string>): boolean {
  const candidates = [token, withoutEdges(token), ...token.split(PART_SEPARATOR)];
  return candidates.some((candidate) => blocked.has(skeleton(candidate)));
}

/** A token without the punctuation around it. Loops, since a pattern with an end would look at each run again and again. */
function withoutEdges(token: string): string {
  const characters = [...token];
  let start = 0;
  let end = characters.length;
  while (start < end && !OPENS_WORD.test(characters[start] ?? "")) start++;
  while (end > start && !CLOSES_WORD.test(characters[end - 1] ?? "")) end--;
  return characters.slice(start, end).join("");
}

/** Letters spelt out, alone or between other single letters: `b a d`, `I b a d`. */
function spelledOut(
  tokens: readonly { word: string; start: number }[],
  blocked: ReadonlySet<string>,
): Found[] {
  const longest = Math.max(0, ...[...blocked].map((word) => word.length)) * LONGEST_STRETCH;
  const isLetter = tokens.map(({ word }) => [...word].length === 1);
  const found: Found[] = [];
  for (let start = 0; start < tokens.length; start++) {
    let spelled = "";
    for (let end = start; end < tokens.length && isLetter[end] && end - start < longest; end++) {
      spelled += tokens[end]?.word;
      const [first, last] = [tokens[start], tokens[end]];
      if (first && last && end > start && blocked.has(skeleton(spelled))) {
        found.push({ start: first.start, end: last.start + last.word.length });
      }
    }
  }
  return found;
}

/** What is left of a word without case, accents, look-alikes, punctuation and repeated letters. */
function skeleton(word: string): string {
  const plain = word
    .normalize("NFKD")
    .toLowerCase()
    .replace(/\p{M}+/gu, "");
  const letters = [...plain].map((character) => LOOKALIKES.get(character) ?? character).join("");
  return letters.replace(/[^\p{L}\p{N}]+/gu, "").replace(/(.)\1+/gu, "$1");
}
