/** Characters that are used in place of letters, to evade a list of words. */
const LOOKALIKES: ReadonlyMap<string, string> = new Map([
  ...Object.entries({ "0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "8": "b", "9": "g" }),
  ...Object.entries({ "@": "a", $: "s", "!": "i", "|": "i", "€": "e", "£": "l", "+": "t" }),
  // Latin letters with a stroke or without a dot, which do not decompose into a letter and a mark.
  ...Object.entries({ ø: "o", ł: "l", đ: "d", ħ: "h", ŧ: "t", ı: "i", ɡ: "g" }),
  // Cyrillic and Greek letters that look like Latin ones.
  ...Object.entries({
    а: "a",
    в: "b",
    е: "e",
    һ: "h",
    і: "i",
    ј: "j",
    к: "k",
    м: "m",
    н: "h",
    о: "o",
    р: "p",
  }),
  ...Object.entries({ с: "c", ѕ: "s", т: "t", у: "y", х: "x", ԁ: "d", ӏ: "l", ԛ: "q", ԝ: "w" }),
  ...Object.entries({ α: "a", β: "b", γ: "y", ε: "e", η: "n", ι: "i", κ: "k", ν: "v", ο: "o", ρ: "p" }),
  ...Object.entries({ τ: "t", υ: "u", χ: "x", ω: "w" }),
]);

/** Used for an i as well as for an l. */
const I_OR_L = /[1!|]/;
/** Words end at white space, but not at U+FEFF, which is white space for JavaScript and invisible. */
const TOKEN = /[\S\uFEFF]+/gu;
const PART_SEPARATOR = /[^\p{L}\p{N}\p{M}\p{DI}@$!|€£+*]+/u;
const OPENS_WORD = /[\p{L}\p{N}@$]/u;
const CLOSES_WORD = /[\p{L}\p{N}]/u;
const LETTER = /[\p{L}\p{N}]/u;
/** Marks on letters, and invisible characters. */
const INVISIBLE = /[\p{M}\p{DI}]+/gu;

/** The position of a blocked word in a text: from `start` up to `end`, exclusive. */
export interface Found {
  readonly start: number;
  readonly end: number;
}

/** The letters of a word without repetitions, and how often each is repeated: `baaad` is `bad` and 1, 3, 1. */
interface Skeleton {
  readonly letters: readonly string[];
  readonly counts: readonly number[];
}

/** Blocked words by their letters. */
type Words = ReadonlyMap<string, readonly Skeleton[]>;

interface Blocked {
  readonly words: Words;
  /** The same with i for l, for texts with characters that are used for both. */
  readonly folded: Words;
}

interface Token extends Found {
  readonly word: string;
}

/** Whether a word has letters or digits, and no white space. */
export const canBeBlocked = (word: string): boolean =>
  lettersOf(word).length > 0 && [...word.matchAll(TOKEN)].length === 1;

/**
 * Finds blocked words in texts: whole words, ignoring case, accents, look-alike characters (`b4d`, `b@d`),
 * stretched letters (`baaad`), dots inside (`b.a.d`) and letters spelt out (`b a d`). A word inside another one is not
 * found: blocking `ass` matches neither `class` nor `as`. The time is linear in the length of the text.
 *
 * @param checkTime Called repeatedly during the search; what it throws ends the search.
 */
export function blockedWordFinder(
  words: readonly string[],
): (text: string, checkTime?: () => void) => Found[] {
  const letters = words.map(lettersOf);
  const blocked: Blocked = { words: byLetters(letters), folded: byLetters(letters.map(folded)) };
  return (text, checkTime = () => {}) => {
    const tokens = [...text.matchAll(TOKEN)].map(({ 0: word, index }) => {
      return { word, start: index, end: index + word.length };
    });
    const found = tokens.filter(({ word }) => {
      checkTime();
      return isBlocked(word, blocked);
    });
    return [...found, ...spelledOut(tokens, blocked)].sort((a, b) => a.start - b.start);
  };
}

/** Replaces blocked words with asterisks; white space within them stays. */
export function maskFound(text: string, found: readonly Found[]): string {
  let masked = "";
  let end = 0;
  // Of overlapping matches, only the remaining part is replaced.
  for (const one of found) {
    if (one.end <= end) continue;
    const start = Math.max(one.start, end);
    masked += text.slice(end, start) + text.slice(start, one.end).replace(/\S/gu, "*");
    end = one.end;
  }
  return masked + text.slice(end);
}

function byLetters(words: readonly (readonly string[])[]): Words {
  const known = new Map<string, Skeleton[]>();
  for (const word of words.filter(({ length }) => length > 0)) {
    const skeleton = skeletonOf(word);
    const key = skeleton.letters.join("");
    known.set(key, [...(known.get(key) ?? []), skeleton]);
  }
  return known;
}

function isBlocked(token: string, { words, folded: foldedWords }: Blocked): boolean {
  const candidates = [token, withoutEdges(token), ...token.split(PART_SEPARATOR)];
  return candidates.some((candidate) => {
    const letters = lettersOf(candidate);
    return has(words, letters) || (I_OR_L.test(candidate) && has(foldedWords, folded(letters)));
  });
}

function has(words: Words, letters: readonly string[]): boolean {
  const skeleton = skeletonOf(letters);
  const alike = words.get(skeleton.letters.join("")) ?? [];
  return alike.some((one) => isStretched(skeleton.counts, one));
}

/** Whether each letter is repeated at least as often as in the word. */
const isStretched = (counts: readonly number[], word: Skeleton): boolean =>
  word.counts.every((count, index) => count <= (counts[index] ?? 0));

/** A token without the punctuation around it. With loops, since an anchored regular expression would take quadratic time. */
function withoutEdges(token: string): string {
  const characters = [...token];
  let start = 0;
  let end = characters.length;
  while (start < end && !OPENS_WORD.test(characters[start] ?? "")) start++;
  while (end > start && !CLOSES_WORD.test(characters[end - 1] ?? "")) end--;
  return characters.slice(start, end).join("");
}

/** A single letter as a token. */
interface Spelled {
  readonly token: Token;
  readonly letter: string;
}

/** Letters spelt out, alone or between other single letters: `b a d`, `I b a d`. */
function spelledOut(tokens: readonly Token[], { words, folded: foldedWords }: Blocked): Found[] {
  return rowsOf(tokens).flatMap((row) => [
    ...foundInRow(row, words),
    ...(row.some(({ token }) => I_OR_L.test(token.word))
      ? foundInRow(
          row.map(({ token, letter }) => ({ token, letter: foldedLetter(letter) })),
          foldedWords,
        )
      : []),
  ]);
}

/** Sequences of at least two single letters. */
function rowsOf(tokens: readonly Token[]): Spelled[][] {
  const rows: Spelled[][] = [[]];
  for (const token of tokens) {
    const [letter, ...more] = lettersOf(token.word);
    if (letter === undefined || more.length > 0) rows.push([]);
    else rows.at(-1)?.push({ token, letter });
  }
  return rows.filter(({ length }) => length > 1);
}

function foundInRow(row: readonly Spelled[], words: Words): Found[] {
  const { letters, counts } = skeletonOf(row.map(({ letter }) => letter));
  const starts = [0];
  for (const count of counts) starts.push((starts.at(-1) ?? 0) + count);
  const text = letters.join("");
  // Most letters are one UTF-16 code unit, and some are two.
  const indexes = letters.flatMap((letter, index) => Array<number>(letter.length).fill(index));
  const found: Found[] = [];
  for (const [key, skeletons] of words) {
    for (let position = text.indexOf(key); position >= 0; position = text.indexOf(key, position + 1)) {
      const first = indexes[position] ?? 0;
      const fits = skeletons.find((one) => isStretched(counts.slice(first, first + one.counts.length), one));
      if (fits === undefined) continue;
      const [from, to] = [row[starts[first] ?? 0], row[(starts[first + fits.counts.length] ?? 0) - 1]];
      if (from && to) found.push({ start: from.token.start, end: to.token.end });
    }
  }
  return found;
}

/** The letters of a word without case, accents, look-alikes and punctuation. */
function lettersOf(word: string): string[] {
  const plain = word.replace(INVISIBLE, "").normalize("NFKD").toLowerCase().replace(INVISIBLE, "");
  return [...plain]
    .map((character) => LOOKALIKES.get(character) ?? character)
    .filter((character) => LETTER.test(character));
}

const foldedLetter = (letter: string): string => (letter === "l" ? "i" : letter);
const folded = (letters: readonly string[]): string[] => letters.map(foldedLetter);

function skeletonOf(word: readonly string[]): Skeleton {
  const letters: string[] = [];
  const counts: number[] = [];
  for (const letter of word) {
    if (letter === letters.at(-1)) counts.push((counts.pop() ?? 0) + 1);
    else {
      letters.push(letter);
      counts.push(1);
    }
  }
  return { letters, counts };
}
