/** Characters from `start` up to `end`, exclusive. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** A text as it is displayed, with as many UTF-16 code units as the original. */
export interface Displayed {
  readonly text: string;
  /** Where the characters of a range are in the original. */
  toOriginal(range: Range): Range;
}

/** The first of consecutive characters that NFKD does not decompose, how many there are, and what the first one shows. */
const ENCLOSED: readonly (readonly [number, number, string])[] = [
  [0x24f5, 9, "1"],
  [0x24ff, 1, "0"],
  [0x2776, 9, "1"],
  [0x2780, 9, "1"],
  [0x278a, 9, "1"],
  [0x1f10b, 1, "0"],
  [0x1f10c, 1, "0"],
  [0x1f150, 26, "a"],
  [0x1f170, 26, "a"],
  [0x1f1e6, 26, "a"],
];
/** The digits among them. */
export const ENCLOSED_DIGITS =
  /[\u24f5-\u24fd\u24ff\u2776-\u277e\u2780-\u2788\u278a-\u2792\u{1f10b}\u{1f10c}]/gu;
const ENCLOSED_CHARACTERS = new RegExp(
  `${ENCLOSED_DIGITS.source}|[\\u{1f150}-\\u{1f169}\\u{1f170}-\\u{1f189}\\u{1f1e6}-\\u{1f1ff}]`,
  "gu",
);

/** From a right-to-left override (UAX #9) up to its end or the end of the line: displayed in reverse order. */
const REVERSED = /\u202e([^\u202c\u2069\r\n\u2028\u2029]+)/gu;

/**
 * The text as people read it: letters and digits in circles and squares and regional indicators as plain ones, and what a
 * right-to-left override reverses in the order of display.
 *
 * @param enclosed The characters to show as plain ones, if not all of these.
 */
export function displayed(text: string, enclosed: RegExp = ENCLOSED_CHARACTERS): Displayed {
  const plain = text.replace(enclosed, withoutEnclosure);
  if (!plain.includes("\u202e")) return { text: plain, toOriginal: (range) => range };
  const reversed: Range[] = [];
  const shown = plain.replace(REVERSED, (run: string, content: string, offset: number) => {
    reversed.push({ start: offset + 1, end: offset + run.length });
    return `\u202e${[...content].reverse().join("")}`;
  });
  return { text: shown, toOriginal: (range) => mirrored(range, reversed) };
}

/** The letter or digit, followed by an invisible character if the original has two code units. */
function withoutEnclosure(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const [first, , shown] = ENCLOSED.find(([start, count]) => code >= start && code < start + count) ?? [];
  if (first === undefined || shown === undefined) return character;
  return String.fromCharCode(shown.charCodeAt(0) + code - first) + "\u200b".repeat(character.length - 1);
}

/** A range that is partly in a reversed run is extended by the whole run. */
function mirrored({ start, end }: Range, reversed: readonly Range[]): Range {
  const inside = reversed.find((run) => run.start <= start && end <= run.end);
  if (inside) return { start: inside.start + inside.end - end, end: inside.start + inside.end - start };
  const touched = reversed.filter((run) => run.start < end && start < run.end);
  return {
    start: Math.min(start, ...touched.map((run) => run.start)),
    end: Math.max(end, ...touched.map((run) => run.end)),
  };
}
