/** Consecutive letters and digits, also with apostrophes between them; or an emoji. */
const WORD = /[\p{L}\p{N}\p{M}]+(?:'[\p{L}\p{N}\p{M}]+)*|\p{Extended_Pictographic}/gu;
/** Scripts that are written without spaces between words. */
const UNSPACED = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Myanmar}]/u;
let segmenter: Intl.Segmenter | undefined;

/**
 * The words of a text without case and punctuation, each on a line of its own, with a line break at the start and at the end.
 */
export function linesOfWords(text: string): string {
  const plain = text
    .normalize("NFKC")
    .replace(/[\p{Emoji_Modifier}\p{Variation_Selector}]+/gu, "")
    .replace(/[’ʼ]/gu, "'")
    // Upper case first, so that ß equals ss.
    .toUpperCase()
    .toLowerCase();
  const words = (plain.match(WORD) ?? []).flatMap((run) => (UNSPACED.test(run) ? wordsIn(run) : run));
  return `\n${words.map((word) => `${word}\n`).join("")}`;
}

/** Splits by a dictionary (UAX #29). Created at first use, since it takes 25 ms of a cold start. */
function wordsIn(run: string): string[] {
  segmenter ??= new Intl.Segmenter("und", { granularity: "word" });
  return [...segmenter.segment(run)].map(({ segment }) => segment);
}

/** Whether a text contains a word that can be searched for. */
export const hasWord = (text: string): boolean => linesOfWords(text) !== "\n";

/** Searches {@link linesOfWords} for keywords of one or several words. */
export function keywordFinder(keywords: readonly string[]): (lines: string) => boolean {
  const wanted = keywords.map(linesOfWords);
  return (lines) => wanted.some((keyword) => lines.includes(keyword));
}
