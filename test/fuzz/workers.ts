import { Worker } from "node:worker_threads";
import type { Chunk } from "./run.ts";
import type { Progress } from "./worker.ts";

/** So many requests have one state and one seed of their own. */
export const CHUNK = 4_000;

/** What a run is told, and what it tells. */
export interface FuzzOptions {
  readonly requests: number;
  /** The seed of the first chunk; each following one has the next. */
  readonly seed: number;
  /** How many threads there are, each with an emulator and all bundles. */
  readonly workers: number;
  /** Whether the emulator's own operations are left to other tests. */
  readonly isForBundlesAlone: boolean;
  /** Ends the run early. */
  readonly signal: AbortSignal;
  /** Is called with the number of requests sent. */
  progress(sent: number): void;
}

/**
 * Sends requests to all bundles, through both adapters, and to all operations of the emulator.
 *
 * @returns how many.
 * @throws {Error} the first failure of a chunk.
 */
export async function fuzz(options: FuzzOptions): Promise<number> {
  const { requests, seed, workers, signal, progress } = options;
  const chunks = Array.from(
    { length: Math.ceil(requests / CHUNK) },
    (_, index): Chunk => ({ seed: seed + index, requests: Math.min(CHUNK, requests - index * CHUNK) }),
  );
  const waiting = chunks.values();
  let total = 0;
  const threads: Worker[] = [];
  const runThread = () =>
    new Promise<void>((resolve, reject) => {
      const data = options.isForBundlesAlone ? "bundles" : "all";
      const thread = new Worker(new URL("./worker.ts", import.meta.url), { workerData: data });
      threads.push(thread);
      signal.addEventListener("abort", () => resolve());
      thread.on("error", reject);
      thread.on("message", ({ sent, isReady }: Progress) => {
        total += sent;
        progress(total);
        if (!isReady) return;
        const next = waiting.next();
        if (next.done) resolve();
        else thread.postMessage(next.value);
      });
    });
  try {
    await Promise.all(Array.from({ length: Math.min(workers, chunks.length) }, runThread));
    return total;
  } finally {
    await Promise.all(threads.map((thread) => thread.terminate()));
  }
}
