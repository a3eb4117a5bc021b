import { createRequire } from "node:module";

interface WhenStale {
  /** Whether the output is missing or older than its sources. @param folder The project. */
  isStale(folder?: string): boolean;
  /** Builds if the output is stale. Prints to standard error. */
  buildWhenStale(...options: string[]): boolean;
}

const whenStale: WhenStale = createRequire(import.meta.url)("./when-stale.cjs");

export const { buildWhenStale, isStale } = whenStale;
