/** Letters and digits in a row, with apostrophes between them; or an emoji. */
const WORD = /[\p{L}\p{N}\p{M}]+(?:'[\p{L}\p{N}\p{M}]+)*|\p{Extended_Pictographic}/gu;
/** Scripts that are written without spaces between words. */
const UNSPACED = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Myanmar}]/u;
let segmenter: Intl.Segmenter | undefined;

/**
 * The words of a text, one on each line and a line break around all, whatever their case and the punctuation between
 * them.
 */
export function linesOfWords(text: string): string {
  const plain = text
    .normalize("NFKC")
    .replace(/[\p{Emoji_Modifier}\p{Variation_Selector}]+/gu, "")
    .replace(/[’ʼ]/gu, "'")
    // By way of capitals, so that ß and ss are one.
    .toUpperCase()
    .toLowerCase();
  const words = (plain.match(WORD) ?? []).flatMap((run) => (UNSPACED.test(run) ? wordsIn(run) : run));
  return `\n${words.map((word) => `${word}\n`).join("")}`;
}

/** Divides by a dictionary (UAX #29). Not made before it is needed: it takes 25 ms of a cold start. */
function wordsIn(run: string): string[] {
  segmenter ??= new Intl.Segmenter("und", { granularity: "word" });
  return [...segmenter.segment(run)].map(({ segment }) => segment);
}

/** Whether a text has a word in it that can be looked for. */
export const hasWord = (text: string): boolean => linesOfWords(text) !== "\n";

/** Looks for keywords, of one word or several in a row, among {@link linesOfWords}. */
export function keywordFinder(keywords: readonly string[]): (lines: string) => boolean {
  const wanted = keywords.map(linesOfWords);
  return (lines) => wanted.some((keyword) => lines.includes(keyword));
}
