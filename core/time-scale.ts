/**
 * Tests that let thousands of calls reach their time limits shorten all limits by this factor, a global of the process that
 * loads a bundle. No setting of a deployment changes it.
 */
const scale = Number(Reflect.get(globalThis, "parleyTimeScale") ?? 1);

/** A limit or a pause in milliseconds, scaled. */
export const scaled = (milliseconds: number): number => milliseconds * scale;
