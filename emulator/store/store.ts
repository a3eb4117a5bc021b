import { rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { makeDirectory } from "../directory.ts";
import { Heap } from "./heap.ts";
import { createJournal, type Journal, openJournal, replaceJournal } from "./journal.ts";
import { lockDirectory } from "./lock.ts";
import { type ReadState, type Record, readState, type Saved } from "./read-state.ts";
import type { Rewrite } from "./rewrite.ts";

/** The state to be stored: a graph of objects, and the position of clock and SIDs, as JSON. */
export interface Kept {
  readonly root: object;
  position(): unknown;
}

/** A journal is rewritten once it has this many bytes and twice as many as after the last time. */
const smallestToCompact = 64 * 1024 * 1024;

/** How long a slice of a rewritten journal keeps requests waiting. */
const sliceMs = 5;

/** A journal that is written beside the present one, and replaces it when it is complete. */
interface Next {
  readonly journal: Journal;
  readonly rewrite: Rewrite;
  /** Whether it may be the one that the next start reads. Then changes must be in it as well. */
  isComplete: boolean;
}

/**
 * The state in a directory, as a journal of changes. Once that has grown, it is rewritten without overwritten values, in
 * slices between which requests are answered.
 */
export class Store {
  readonly #path: string;
  readonly #unlock: () => void;
  readonly #compactFrom: number;
  #read: ReadState | undefined;
  #kept: Kept | undefined;
  #heap: Heap | undefined;
  #journal: Journal | undefined;
  #next: Next | undefined;
  /** Another state is being stored; until then nothing is committed. */
  #replacing: Promise<void> = Promise.resolve();
  #rewriting: Promise<void> = Promise.resolve();
  #rewrittenBytes = 0;
  #position = "";
  #planned: NodeJS.Immediate | undefined;
  #failure: unknown;
  #isClosing = false;

  private constructor(path: string, unlock: () => void, compactFrom: number) {
    this.#path = path;
    this.#unlock = unlock;
    this.#compactFrom = compactFrom;
  }

  /**
   * Opens a directory, creates it if needed, and reads its state. Throws a `LockError` when another process uses it, a
   * `JournalError` when the journal cannot be read, and the system's errors.
   */
  static async open(directory: string, compactFrom = smallestToCompact): Promise<Store> {
    makeDirectory(directory);
    const unlock = lockDirectory(resolve(directory));
    const store = new Store(join(resolve(directory), "journal"), unlock, compactFrom);
    try {
      store.#read = await readState(store.#path, () => store.#plan());
      return store;
    } catch (error) {
      unlock();
      throw error;
    }
  }

  /** The state that the directory had when it was opened. */
  get saved(): Saved | undefined {
    return this.#read?.saved;
  }

  /**
   * Stores this state and its changes, instead of the previous state; the one that was read is continued. Resolves when all of it
   * is on the disk.
   */
  keep(kept: Kept): Promise<void> {
    const read = this.#read;
    this.#read = undefined;
    this.#replacing = this.#replacing.then(() =>
      read?.heap !== undefined && read.saved.root === kept.root
        ? this.#continue(kept, read.heap, read)
        : this.#replace(kept),
    );
    return this.#replacing;
  }

  /** Resolves when every change so far is on the disk. Rejects when it cannot be stored. */
  async committed(): Promise<void> {
    // Another replacement may begin meanwhile.
    for (let replaced: unknown; replaced !== this.#replacing; ) {
      replaced = this.#replacing;
      await replaced;
    }
    this.#write();
    if (this.#failure !== undefined) throw this.#failure;
    await Promise.all([this.#journal?.flushed(), this.#next?.isComplete && this.#next.journal.flushed()]);
    this.#compact();
  }

  /** Writes all remaining changes and unlocks the directory. */
  async close(): Promise<void> {
    clearImmediate(this.#planned);
    await this.committed().finally(async () => {
      this.#isClosing = true;
      await this.#replacing;
      await this.#rewriting.catch(() => {});
      await Promise.resolve(this.#journal?.close()).finally(this.#unlock);
    });
  }

  async #continue(kept: Kept, heap: Heap, { bytes, rewrittenBytes, saved }: ReadState): Promise<void> {
    this.#journal = await openJournal(this.#path, bytes);
    this.#kept = kept;
    this.#heap = heap;
    this.#rewrittenBytes = rewrittenBytes;
    this.#position = JSON.stringify(saved.position);
    this.#write();
    await this.#journal.flushed();
  }

  async #replace(kept: Kept): Promise<void> {
    await this.#rewriting;
    const before = this.#journal;
    this.#journal = undefined;
    this.#kept = kept;
    this.#position = "";
    this.#heap = new Heap(kept.root, () => this.#plan());
    await before?.close();
    await this.#rewrite(kept, this.#heap);
  }

  /** Appends the changes. It is synchronous, so that each write is a consistent state. */
  #write(): void {
    const [heap, kept, next] = [this.#heap, this.#kept, this.#next];
    if (heap === undefined || kept === undefined) return;
    const append = (record: Record) => this.#journal?.append(record);
    try {
      for (const op of heap.changes()) {
        append(op);
        for (const included of next?.rewrite.include(op) ?? []) next?.journal.append(included);
      }
      const position = JSON.stringify(kept.position());
      if (position === this.#position) return;
      this.#position = position;
      append(["@", JSON.parse(position)]);
      next?.journal.append(["@", JSON.parse(position)]);
    } catch (error) {
      this.#failure ??= error;
    }
  }

  /** Schedules a write for changes that no request waits for, such as those of timers. */
  #plan(): void {
    this.#planned ??= setImmediate(() => {
      this.#planned = undefined;
      // The next call of committed() rejects.
      this.committed().catch(() => {});
    });
  }

  #compact(): void {
    const [kept, heap, journal] = [this.#kept, this.#heap, this.#journal];
    if (kept === undefined || heap === undefined || journal === undefined || this.#next !== undefined) return;
    if (this.#isClosing || journal.bytes < Math.max(this.#compactFrom, 2 * this.#rewrittenBytes)) return;
    this.#rewriting = this.#rewrite(kept, heap).catch((error: unknown) => {
      this.#failure ??= error;
    });
  }

  /** Writes the whole state to a new journal while requests are answered, and replaces the present one by it. */
  async #rewrite(kept: Kept, heap: Heap): Promise<void> {
    // Prevents a second one before this one has begun.
    this.#rewrittenBytes = Number.POSITIVE_INFINITY;
    const journal = await createJournal(this.#path);
    // Objects that are unknown so far are part of the changes.
    this.#write();
    const next: Next = { journal, rewrite: heap.rewrite(kept.root), isComplete: false };
    this.#next = next;
    try {
      for (let ops = this.#slice(next); ops !== undefined; ops = this.#slice(next)) {
        if (this.#isClosing && this.#journal !== undefined) return await this.#abandon(journal);
        for (const op of ops) journal.append(op);
        await journal.flushed();
        await nextTurn();
      }
      journal.append(["@", kept.position()]);
      this.#rewrittenBytes = journal.bytes;
      journal.append(["size", journal.bytes]);
      next.isComplete = true;
      await journal.flushed();
      await replaceJournal(this.#path);
    } finally {
      this.#next = undefined;
      heap.endRewrite();
    }
    const before = this.#journal;
    this.#journal = journal;
    await before?.close();
  }

  #slice({ rewrite }: Next): Record[] | undefined {
    this.#write();
    if (this.#failure !== undefined) throw this.#failure;
    const end = performance.now() + sliceMs;
    return rewrite.next(() => performance.now() < end);
  }

  async #abandon(journal: Journal): Promise<void> {
    await journal.close();
    await rm(`${this.#path}.new`, { force: true });
  }
}
