import { Heap } from "./heap.ts";
import { JournalError, readJournal } from "./journal.ts";
import { firstVersionOfSteps, migrate, stateVersion } from "./migrations.ts";
import { OldRebuild } from "./old-rebuild.ts";
import { Rebuild, RebuildError } from "./rebuild.ts";
import type { Op } from "./steps.ts";

/** A stored state: the root of its objects, and the positions of its clock and SIDs. */
export interface Saved {
  readonly root: object;
  readonly position: unknown;
}

/** Other records than steps: the position of clock and SIDs, and the journal's size after it was rewritten, in bytes. */
export type Record = Op | readonly ["@", unknown] | readonly ["size", number];

/** What was read of a journal. */
export interface ReadState {
  readonly saved: Saved;
  /** Observes the state and continues its steps; undefined for a state of an earlier version. */
  readonly heap: Heap | undefined;
  /** Up to the last complete line. */
  readonly bytes: number;
  readonly rewrittenBytes: number;
}

/**
 * Reads the state in a journal; undefined if there is no journal. Throws a `JournalError`.
 * @param notify called with every later change.
 */
export async function readState(path: string, notify: () => void): Promise<ReadState | undefined> {
  const heap = new Heap(undefined, notify);
  let rebuild: Rebuild | OldRebuild | undefined;
  let position: unknown;
  let rewrittenBytes = 0;
  try {
    const read = await readJournal(path, (record, version) => {
      const [sign, content] = record as Record;
      if (sign === "@") position = content;
      else if (sign === "size") rewrittenBytes = content as number;
      else {
        rebuild ??= rebuildOf(version, heap);
        rebuild.apply(record as never);
      }
    });
    if (read === undefined) return undefined;
    // The position follows the state.
    if (rebuild === undefined || position === undefined) {
      const advice = "Restore the file from a copy, or delete it to start with an empty account.";
      throw new JournalError(`${path} has a header and no whole state: it was cut off. ${advice}`);
    }
    const saved = { root: rebuild.root(), position };
    migrate(saved, read.version);
    const { bytes } = read;
    if (read.version !== stateVersion || rebuild instanceof OldRebuild)
      return { saved, heap: undefined, bytes, rewrittenBytes };
    heap.resume(rebuild.objects);
    return { saved, heap, bytes, rewrittenBytes };
  } catch (error) {
    if (error instanceof RebuildError) throw new JournalError(`${path} is damaged: ${error.message}`);
    throw error;
  }
}

function rebuildOf(version: number, heap: Heap): Rebuild | OldRebuild {
  if (version < firstVersionOfSteps) return new OldRebuild();
  return new Rebuild(version === stateVersion ? heap : undefined);
}
