import { parentPort, workerData } from "node:worker_threads";
import { type Chunk, fuzzChunk, startTarget } from "./run.ts";

/** What a worker tells: it has sent so many more requests, and is ready for another chunk if it has ended one. */
export interface Progress {
  readonly sent: number;
  readonly isReady: boolean;
}

const REPORTED_EVERY = 100;

const target = await startTarget(workerData === "bundles");
const report = (progress: Progress) => parentPort?.postMessage(progress);
parentPort?.on("message", async (chunk: Chunk) => {
  let sent = 0;
  await fuzzChunk(target, chunk, () => {
    sent += 1;
    if (sent < REPORTED_EVERY) return;
    report({ sent, isReady: false });
    sent = 0;
  });
  report({ sent, isReady: true });
});
report({ sent: 0, isReady: true });
