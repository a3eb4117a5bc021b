import { createHash } from "node:crypto";
import * as v from "valibot";
import { InputError, readInput } from "../input.ts";
import { Heap } from "./heap.ts";
import { firstVersionOfSteps, migrate, stateVersion, versionProblem } from "./migrations.ts";
import { OldRebuild } from "./old-rebuild.ts";
import type { Saved } from "./read-state.ts";
import { Rebuild } from "./rebuild.ts";
import type { Op } from "./steps.ts";
import type { Kept } from "./store.ts";

const format = "conversations-emulator-snapshot";

const snapshot = v.object({
  format: v.literal(format, "this is not a snapshot of this emulator"),
  version: v.custom<number>(
    (version) => versionProblem(version) === undefined,
    ({ input }) => `the snapshot ${versionProblem(input)}`,
  ),
  digest: v.string("must be text"),
  position: v.unknown(),
  // The digest shows that the operations are unchanged.
  state: v.custom<readonly Op[]>(Array.isArray, "must be a list"),
});

/** A snapshot that was parsed. */
export type Snapshot = v.InferOutput<typeof snapshot>;

/** Characters of a snapshot that are written together. */
const chunkLength = 64 * 1024;

/**
 * A snapshot of the present state as JSON, in chunks: the whole state, only for {@link readSnapshot}, and a digest that detects
 * edits. The state must not change until the iteration has ended.
 */
export function* takeSnapshot(kept: Kept): Generator<string> {
  const position = JSON.stringify(kept.position());
  const hash = createHash("sha256").update(`[${position},[`);
  yield `{"format":"${format}","version":${stateVersion},"position":${position},"state":[`;
  let chunk = "";
  let separator = "";
  for (const op of new Heap(kept.root).changes()) {
    chunk += separator + JSON.stringify(op);
    separator = ",";
    if (chunk.length < chunkLength) continue;
    hash.update(chunk);
    yield chunk;
    chunk = "";
  }
  yield `${chunk}],"digest":"${hash.update(`${chunk}]]`).digest("hex")}"}`;
}

/**
 * Reads a snapshot; each call builds a new state. Throws an {@link InputError} when the value is not a snapshot, has
 * another version, or was changed since it was taken.
 */
export function readSnapshot(value: unknown): Saved {
  const { version, digest: given, position, state } = readInput(snapshot, value ?? {});
  if (given !== digest(position, state))
    throw new InputError("digest", "the snapshot was changed since it was taken");
  const rebuild = version < firstVersionOfSteps ? new OldRebuild() : new Rebuild();
  for (const op of state) rebuild.apply(op as never);
  const saved = { root: rebuild.root(), position };
  migrate(saved, version);
  return saved;
}

function digest(position: unknown, state: unknown): string {
  return createHash("sha256")
    .update(JSON.stringify([position, state]))
    .digest("hex");
}
