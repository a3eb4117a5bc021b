import { CONFUSABLES } from "./confusables.ts";

/** Characters that are used in place of letters, to evade a list of words. */
const LOOKALIKES: ReadonlyMap<string, string> = new Map([
  ...CONFUSABLES.flatMap(([look, characters]) =>
    [...characters].map((character): [string, string] => [character, look]),
  ),
  ...Object.entries({ "0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "8": "b", "9": "g" }),
  ...Object.entries({ "@": "a", $: "s", "!": "i", "|": "i", "€": "e", "£": "l", "+": "t" }),
  // Not in Unicode's table, in which they look like each other only.
  ...Object.entries({ м: "m", β: "b", ε: "e", χ: "x", ω: "w", ь: "b", ӏ: "l" }),
]);

/** Used for an i as well as for an l: look-alikes of a capital i or a vertical line. */
const I_OR_L: ReadonlySet<string> = new Set([
  ...["1", "!", "|"],
  ...[...LOOKALIKES]
    .filter(([from, to]) => (to === "i" || to === "l") && !/[\p{ASCII}\p{Script=Latin}£]/u.test(from))
    .map(([from]) => from),
]);

const LETTER = /[\p{L}\p{N}]/u;
const ASCII_LETTER = /[A-Za-z0-9]/;
/** Marks on letters, and invisible characters. */
const INVISIBLE = /[\p{M}\p{DI}]+/gu;

/**
 * Whether a text has characters beyond ASCII. Others do without regular expressions for Unicode's classes: compiling one takes up
 * to two milliseconds of a cold start.
 */
export const isForeign = (text: string): boolean => /\P{ASCII}/u.test(text);

/** Whether a character is a letter or a digit of any script. */
export const isLetter = (character: string): boolean =>
  (isForeign(character) ? LETTER : ASCII_LETTER).test(character);

/** A way to read the letters of a word. */
export interface Reading {
  /** Whether it can differ from the first reading. */
  appliesTo(word: string): boolean;
  /** The letters of a word without case, accents, look-alikes and punctuation. */
  lettersOf(word: string): string[];
}

/**
 * The lower-case letters. Look-alikes are taken of these, so that a word of any script is the same in capitals: the Greek Η is an
 * η, which looks like an n.
 */
export function lettersOf(word: string): string[] {
  return lookOf([...plain(word).toLowerCase()]);
}

/** The letters as they look: the Greek Η as an h. */
const shapesOf = (word: string): string[] =>
  lookOf([...plain(word)].flatMap((one) => [...(LOOKALIKES.get(one) ?? one.toLowerCase())]));

const plain = (word: string): string =>
  isForeign(word) ? word.replace(INVISIBLE, "").normalize("NFKD").replace(INVISIBLE, "") : word;

const lookOf = (characters: readonly string[]): string[] =>
  characters.flatMap((one) => [...(LOOKALIKES.get(one) ?? one)]).filter(isLetter);

const folded = (letters: readonly string[]): string[] =>
  letters.map((letter) => (letter === "l" ? "i" : letter));
const hasIOrL = (word: string): boolean => [...word].some((one) => I_OR_L.has(one));

/** A word is blocked if it is in any of these readings. */
export const READINGS: readonly Reading[] = [
  { appliesTo: () => true, lettersOf },
  { appliesTo: hasIOrL, lettersOf: (word) => folded(lettersOf(word)) },
  { appliesTo: isForeign, lettersOf: shapesOf },
  { appliesTo: (word) => isForeign(word) && hasIOrL(word), lettersOf: (word) => folded(shapesOf(word)) },
];

/** The letters of a word without repetitions, and how often each is repeated: `baaad` is `bad` and 1, 3, 1. */
export interface Skeleton {
  readonly letters: readonly string[];
  readonly counts: readonly number[];
}

/** The skeleton of a word's letters. */
export function skeletonOf(word: readonly string[]): Skeleton {
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

/** Whether each letter is repeated at least as often as in the word. */
export const isStretched = (counts: readonly number[], word: Skeleton): boolean =>
  word.counts.every((count, index) => count <= (counts[index] ?? 0));
