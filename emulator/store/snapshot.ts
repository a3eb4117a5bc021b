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

/** A whole state as JSON, only for {@link readSnapshot}: the digest detects edits. */
export interface Snapshot {
  readonly format: string;
  readonly version: number;
  readonly digest: string;
  readonly position: unknown;
  readonly state: readonly Op[];
}

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

/** A snapshot of the present state. */
export function takeSnapshot(kept: Kept): Snapshot {
  const position = kept.position();
  const state = [...new Heap(kept.root).changes()];
  return { format, version: stateVersion, digest: digest(position, state), position, state };
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
