import { join, resolve } from "node:path";
import { makeDirectory } from "../directory.ts";
import { Heap, type Op } from "./heap.ts";
import { type Journal, JournalError, readJournal, replaceJournal } from "./journal.ts";
import { lockDirectory } from "./lock.ts";
import { migrate } from "./migrations.ts";
import { Rebuild, RebuildError } from "./rebuild.ts";

/** A stored state: the root of its objects, and the positions of its clock and SIDs. */
export interface Saved {
  readonly root: object;
  readonly position: unknown;
}

/** The state to be stored: a graph of objects, and the position of clock and SIDs, as JSON. */
export interface Kept {
  readonly root: object;
  position(): unknown;
}

/** A record of the position among the steps. */
type Record = Op | readonly ["@", unknown];

/** A journal is rewritten once it has this many bytes and twice its initial size. */
const smallestToCompact = 64 * 1024 * 1024;

/**
 * The state in a directory, as a journal of changes. It is rewritten, without overwritten values, at every start and when
 * it has grown large.
 */
export class Store {
  /** The state that the directory had when it was opened. */
  readonly saved: Saved | undefined;
  readonly #path: string;
  readonly #unlock: () => void;
  readonly #compactFrom: number;
  #kept: Kept | undefined;
  #heap: Heap | undefined;
  #journal: Journal | undefined;
  #replacing: Promise<void> = Promise.resolve();
  #firstBytes = 0;
  #position = "";
  #planned: NodeJS.Immediate | undefined;
  #failure: unknown;

  private constructor(path: string, unlock: () => void, saved: Saved | undefined, compactFrom: number) {
    this.#path = path;
    this.#unlock = unlock;
    this.saved = saved;
    this.#compactFrom = compactFrom;
  }

  /**
   * Opens a directory, creates it if needed, and reads its state. Throws a `LockError` when another process uses it, a
   * `JournalError` when the journal cannot be read, and the system's errors.
   */
  static async open(directory: string, compactFrom = smallestToCompact): Promise<Store> {
    const path = join(resolve(directory), "journal");
    makeDirectory(directory);
    const unlock = lockDirectory(resolve(directory));
    try {
      const rebuild = new Rebuild();
      let position: unknown;
      const version = await readJournal(path, (record) => {
        const [sign, content] = record as Record;
        if (sign === "@") position = content;
        else rebuild.apply(record as Op);
      });
      if (version === undefined) return new Store(path, unlock, undefined, compactFrom);
      if (rebuild.isEmpty) {
        const advice = "Restore the file from a copy, or delete it to start with an empty account.";
        throw new JournalError(`${path} has a header and no state: it was cut off. ${advice}`);
      }
      const saved = { root: rebuild.root(), position };
      migrate(saved, version);
      return new Store(path, unlock, saved, compactFrom);
    } catch (error) {
      unlock();
      if (error instanceof RebuildError) throw new JournalError(`${path} is damaged: ${error.message}`);
      throw error;
    }
  }

  /** Stores this state and its changes, instead of the previous state. Resolves when all of it is on the disk. */
  keep(kept: Kept): Promise<void> {
    this.#kept = kept;
    return this.#begin(kept);
  }

  /** Resolves when every change so far is on the disk. Rejects when it cannot be stored. */
  async committed(): Promise<void> {
    // Nothing is appended while the journal is replaced; another replacement may begin meanwhile.
    for (let replaced: unknown; replaced !== this.#replacing; ) {
      replaced = this.#replacing;
      await replaced;
    }
    this.#write();
    if (this.#failure !== undefined) throw this.#failure;
    await this.#journal?.flushed();
    this.#compact();
  }

  /** Writes all remaining changes and unlocks the directory. */
  async close(): Promise<void> {
    clearImmediate(this.#planned);
    await this.committed().finally(async () => {
      await this.#replacing;
      await Promise.resolve(this.#journal?.close()).finally(this.#unlock);
    });
  }

  /** Appends the changes. It is synchronous, so that each write is a consistent state. */
  #write(): void {
    const [heap, journal, kept] = [this.#heap, this.#journal, this.#kept];
    if (heap === undefined || journal === undefined || kept === undefined) return;
    try {
      for (const op of heap.changes()) journal.append(op);
      const position = JSON.stringify(kept.position());
      if (position !== this.#position) journal.append(["@", JSON.parse(position)]);
      this.#position = position;
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
    const bytes = this.#journal?.bytes ?? 0;
    if (this.#kept === undefined || bytes < Math.max(this.#compactFrom, 2 * this.#firstBytes)) return;
    // The next call of committed() rejects.
    this.#begin(this.#kept).catch(() => {});
  }

  #begin(kept: Kept): Promise<void> {
    // Prevents a second compaction before this one has ended.
    this.#firstBytes = Number.POSITIVE_INFINITY;
    this.#replacing = this.#replacing.then(() => this.#replace(kept));
    return this.#replacing;
  }

  async #replace(kept: Kept): Promise<void> {
    const before = this.#journal;
    this.#journal = undefined;
    const heap = new Heap(kept.root, () => this.#plan());
    this.#heap = heap;
    const position = kept.position();
    this.#position = JSON.stringify(position);
    const journal = await replaceJournal(this.#path, [...heap.changes(), ["@", position]]);
    this.#firstBytes = journal.bytes;
    this.#journal = journal;
    await before?.close();
  }
}
