import { displayed, type Range } from "./displayed.ts";
import {
  isForeign,
  isLetter,
  isStretched,
  lettersOf,
  READINGS,
  type Reading,
  type Skeleton,
  skeletonOf,
} from "./letters.ts";

/** Words end at white space, but not at U+FEFF, which is white space for JavaScript and invisible. */
const TOKEN = /[\S\uFEFF]+/gu;
const PART_SEPARATOR = /[^\p{L}\p{N}\p{M}\p{DI}@$!|€£+*]+/u;
/** The same in ASCII. */
const ASCII_SEPARATOR = /[^A-Za-z0-9@$!|+*]+/;
const opensWord = (character: string): boolean => isLetter(character) || /[@$]/.test(character);

/** Blocked words by their letters, in one reading. */
interface Blocked {
  readonly reading: Reading;
  readonly words: ReadonlyMap<string, readonly Skeleton[]>;
}

interface Token extends Range {
  readonly word: string;
}

/** Whether a word has letters or digits, and no white space. */
export const canBeBlocked = (word: string): boolean =>
  lettersOf(word).length > 0 && [...word.matchAll(TOKEN)].length === 1;

/**
 * Finds blocked words in texts: whole words, ignoring case, accents, look-alike characters (`b4d`, `b@d`, small capitals, letters
 * of other scripts and in circles), stretched letters (`baaad`), dots inside (`b.a.d`), letters spelt out (`b a d`) and invisible
 * characters, also those that reverse the order of display. A word inside another one is not found: blocking `ass` matches
 * neither `class` nor `as`. The time is linear in the length of the text.
 *
 * @param checkTime Called repeatedly during the search; what it throws ends the search.
 */
export function blockedWordFinder(
  words: readonly string[],
): (text: string, checkTime?: () => void) => Range[] {
  if (words.length === 0) return () => [];
  const blocked = READINGS.map((reading) => ({ reading, words: byLetters(words.map(reading.lettersOf)) }));
  return (text, checkTime = () => {}) => {
    const shown = displayed(text);
    const found = foundIn(text, blocked, checkTime);
    if (shown.text !== text) found.push(...foundIn(shown.text, blocked, checkTime).map(shown.toOriginal));
    return found.sort((a, b) => a.start - b.start);
  };
}

/** Replaces blocked words with asterisks; white space within them stays. */
export function maskFound(text: string, found: readonly Range[]): string {
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

function byLetters(words: readonly (readonly string[])[]): Blocked["words"] {
  const known = new Map<string, Skeleton[]>();
  for (const word of words.filter(({ length }) => length > 0)) {
    const skeleton = skeletonOf(word);
    const key = skeleton.letters.join("");
    known.set(key, [...(known.get(key) ?? []), skeleton]);
  }
  return known;
}

function foundIn(text: string, blocked: readonly Blocked[], checkTime: () => void): Range[] {
  const tokens = [...text.matchAll(TOKEN)].map(({ 0: word, index }) => {
    return { word, start: index, end: index + word.length };
  });
  const found: Range[] = tokens.filter(({ word }) => isBlocked(word, blocked, checkTime));
  return [...found, ...blocked.flatMap((one) => spelledOut(tokens, one, checkTime))];
}

function isBlocked(token: string, blocked: readonly Blocked[], checkTime: () => void): boolean {
  const separator = isForeign(token) ? PART_SEPARATOR : ASCII_SEPARATOR;
  const candidates = [token, withoutEdges(token), ...token.split(separator)];
  return candidates.some((candidate) =>
    blocked.some(({ reading, words }) => {
      checkTime();
      return reading.appliesTo(candidate) && has(words, reading.lettersOf(candidate));
    }),
  );
}

function has(words: Blocked["words"], letters: readonly string[]): boolean {
  const skeleton = skeletonOf(letters);
  const alike = words.get(skeleton.letters.join("")) ?? [];
  return alike.some((one) => isStretched(skeleton.counts, one));
}

/** A token without the punctuation around it. With loops, since an anchored regular expression would take quadratic time. */
function withoutEdges(token: string): string {
  const characters = [...token];
  let start = 0;
  let end = characters.length;
  while (start < end && !opensWord(characters[start] ?? "")) start++;
  while (end > start && !isLetter(characters[end - 1] ?? "")) end--;
  return characters.slice(start, end).join("");
}

/** A single letter as a token. */
interface Spelled {
  readonly token: Token;
  readonly letter: string;
}

/** Letters spelt out, alone or between other single letters: `b a d`, `I b a d`. */
function spelledOut(tokens: readonly Token[], { reading, words }: Blocked, checkTime: () => void): Range[] {
  return rowsOf(tokens, reading)
    .filter((row) => row.some(({ token }) => reading.appliesTo(token.word)))
    .flatMap((row) => foundInRow(row, words, checkTime));
}

/** Sequences of at least two single letters. */
function rowsOf(tokens: readonly Token[], reading: Reading): Spelled[][] {
  const rows: Spelled[][] = [[]];
  for (const token of tokens) {
    const [letter, ...more] = reading.lettersOf(token.word);
    if (letter === undefined || more.length > 0) rows.push([]);
    else rows.at(-1)?.push({ token, letter });
  }
  return rows.filter(({ length }) => length > 1);
}

function foundInRow(row: readonly Spelled[], words: Blocked["words"], checkTime: () => void): Range[] {
  const { letters, counts } = skeletonOf(row.map(({ letter }) => letter));
  const starts = [0];
  for (const count of counts) starts.push((starts.at(-1) ?? 0) + count);
  const text = letters.join("");
  // Most letters are one UTF-16 code unit, and some are two.
  const indexes = letters.flatMap((letter, index) => Array<number>(letter.length).fill(index));
  const found: Range[] = [];
  for (const [key, skeletons] of words) {
    for (let position = text.indexOf(key); position >= 0; position = text.indexOf(key, position + 1)) {
      checkTime();
      const first = indexes[position] ?? 0;
      const fits = skeletons.find((one) => isStretched(counts.slice(first, first + one.counts.length), one));
      if (fits === undefined) continue;
      const [from, to] = [row[starts[first] ?? 0], row[(starts[first + fits.counts.length] ?? 0) - 1]];
      if (from && to) found.push({ start: from.token.start, end: to.token.end });
    }
  }
  return found;
}
