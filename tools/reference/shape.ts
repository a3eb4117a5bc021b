import type { Piece } from "./schema.ts";

/** Error messages that describe valid values, and the same as a description. */
const MESSAGES: readonly [RegExp, (rest: string) => string][] = [
  [/^is longer than (.+)$/, (rest) => `up to ${rest}`],
  [/^contains more than (.+)$/, (rest) => `at most ${rest}`],
  [/^must (not .+)$/, (rest) => `may ${rest}`],
];

/**
 * A description of a field's valid values, such as "text, up to 256 characters". Derived from the error messages of its
 * schema.
 */
export function shapeOf(piece: Piece): string {
  const { wrapped, options = [], item } = piece;
  if (piece.pipe) return shapeOfPipe(piece.pipe);
  if (wrapped) return shapeOf(wrapped);
  if (piece.type === "picklist") return listOf(options.map((option) => `\`${option}\``));
  const wanted = wantedBy(piece);
  if (wanted !== undefined) return wanted;
  if (piece.type === "union") return listOf([...new Set((options as readonly Piece[]).map(shapeOf))]);
  if (piece.type === "array") return item ? `a list: ${shapeOf(item)}` : "a list";
  return (
    { string: "text", number: "a number", boolean: "true or false", unknown: "anything" }[piece.type] ??
    "a JSON object"
  );
}

function shapeOfPipe([first, ...steps]: readonly Piece[]): string {
  let shape = first ? shapeOf(first) : "";
  const limits: string[] = [];
  for (const step of steps) {
    if (step.type === "min_length" && step.requirement === 1) continue;
    if (step.type === "picklist") shape = shapeOf(step);
    else shape = wantedBy(step) ?? shape;
    const message = String(step.message ?? "");
    for (const [pattern, say] of MESSAGES) {
      const [, rest] = pattern.exec(message) ?? [];
      if (rest !== undefined) limits.push(say(rest));
    }
  }
  return [shape, ...limits].join(", ");
}

/** The type of value in a message "must be …". */
function wantedBy({ message }: Piece): string | undefined {
  const [, thing] = /^must be (.+)$/.exec(String(message ?? "")) ?? [];
  return thing;
}

/** "a, b or c" */
export function listOf(items: readonly string[], word = "or"): string {
  const last = items.at(-1) ?? "";
  return items.length < 2 ? last : `${items.slice(0, -1).join(", ")} ${word} ${last}`;
}
