let segmenter: Intl.Segmenter | undefined;

/**
 * The words of a text, one on each line and a line break around all, whatever their case and the punctuation between
 * them. Words are those of Unicode (UAX #29), so that Chinese, Japanese and Thai have some too; an emoji is a word.
 */
export function linesOfWords(text: string): string {
  segmenter ??= new Intl.Segmenter("und", { granularity: "word" });
  const plain = text
    .normalize("NFKC")
    .replace(/[\p{Emoji_Modifier}\p{Variation_Selector}]+/gu, "")
    .replace(/[’ʼ]/gu, "'")
    // By way of capitals, so that ß and ss are one.
    .toUpperCase()
    .toLowerCase();
  const words = [...segmenter.segment(plain)].filter(
    ({ segment, isWordLike }) => isWordLike || /\p{Extended_Pictographic}/u.test(segment),
  );
  return `\n${words.map(({ segment }) => `${segment}\n`).join("")}`;
}

/** Whether a text has a word in it that can be looked for. */
export const hasWord = (text: string): boolean => linesOfWords(text) !== "\n";

/** Looks for keywords, of one word or several in a row, among {@link linesOfWords}. */
export function keywordFinder(keywords: readonly string[]): (lines: string) => boolean {
  const wanted = keywords.map(linesOfWords);
  return (lines) => wanted.some((keyword) => lines.includes(keyword));
}
