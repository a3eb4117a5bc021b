/** Studio reads answers of up to 64 kB (docs: Studio, Run Function). What a list does not take is left to the other fields. */
const ROOM_BYTES = 60_000;

/** Bytes that a text takes in an answer, as a JSON string. */
const sizeOf = (text: string): number => Buffer.byteLength(JSON.stringify(text));

/**
 * As many items from the beginning as an answer has room for.
 *
 * @param textsOf What an item adds to the answer's text fields. One item alone must fit.
 */
export function fitting<Item>(items: readonly Item[], textsOf: (item: Item) => readonly string[]): Item[] {
  let size = 0;
  const tooMuch = items.findIndex((item) => {
    size += textsOf(item).reduce((sum, text) => sum + sizeOf(text), 0);
    return size > ROOM_BYTES;
  });
  return items.slice(0, tooMuch === -1 ? items.length : tooMuch);
}
