import { createHash } from "node:crypto";
import { Heap, type Op, stateVersion } from "./heap.ts";
import { Rebuild } from "./rebuild.ts";
import type { Kept, Saved } from "./store.ts";

const format = "conversations-emulator-snapshot";

/** A whole state as JSON. It is for {@link readSnapshot} alone: the digest refuses what was edited. */
export interface Snapshot {
  readonly format: string;
  readonly version: number;
  readonly digest: string;
  readonly position: unknown;
  readonly state: readonly Op[];
}

/** What is no snapshot, one of another version, or was changed since it was taken. The message is for the user. */
export class SnapshotError extends Error {
  readonly field: string;

  constructor(field: string, message: string) {
    super(message);
    this.field = field;
  }
}

/** The state as it is now. */
export function takeSnapshot(kept: Kept): Snapshot {
  const position = kept.position();
  const state = [...new Heap(kept.root).changes()];
  return { format, version: stateVersion, digest: digest(position, state), position, state };
}

/** A state to go on from, made anew with every call. Throws a {@link SnapshotError}. */
export function readSnapshot(value: unknown): Saved {
  const snapshot = (value ?? {}) as Partial<Snapshot>;
  if (snapshot.format !== format)
    throw new SnapshotError("format", "this is not a snapshot of this emulator");
  const { version, position, state = [] } = snapshot;
  if (version !== stateVersion) {
    // Any JSON may stand here, and not all of it can be made into text: {"toString": []} cannot.
    const found = typeof version === "number" ? `has version ${version}` : "names no version";
    throw new SnapshotError("version", `the snapshot ${found}; this emulator reads version ${stateVersion}`);
  }
  if (snapshot.digest !== digest(position, state)) {
    throw new SnapshotError("digest", "the snapshot was changed since it was taken");
  }
  const rebuild = new Rebuild();
  for (const op of state) rebuild.apply(op);
  return { root: rebuild.root(), position };
}

function digest(position: unknown, state: unknown): string {
  return createHash("sha256")
    .update(JSON.stringify([position, state]))
    .digest("hex");
}
