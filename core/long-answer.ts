/** Studio reads answers of up to 64 kB (docs: Studio, Run Function). The rest is for the other fields of the answer. */
const ROOM_BYTES = 60_000;

/** Bytes of a text in an answer, as a JSON string. */
const sizeOf = (text: string): number => Buffer.byteLength(JSON.stringify(text));

/**
 * Returns as many items from the beginning as fit into an answer.
 *
 * @param textsOf The texts that an item adds to the answer's fields. One item must always fit.
 */
export function fitting<Item>(items: readonly Item[], textsOf: (item: Item) => readonly string[]): Item[] {
  let size = 0;
  const tooMuch = items.findIndex((item) => {
    size += textsOf(item).reduce((sum, text) => sum + sizeOf(text), 0);
    return size > ROOM_BYTES;
  });
  return items.slice(0, tooMuch === -1 ? items.length : tooMuch);
}
