/**
 * Tests that let thousands of calls run into their limits shorten all of them alike, by this global of the process that
 * loads a bundle. No setting of a deployment reaches it.
 */
const scale = Number(Reflect.get(globalThis, "parleyTimeScale") ?? 1);

/** A limit or a pause in milliseconds, as long as it is to be. */
export const scaled = (milliseconds: number): number => milliseconds * scale;
