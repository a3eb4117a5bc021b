import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { Heap, type Op } from "./heap.ts";
import { type Journal, readJournal, replaceJournal } from "./journal.ts";
import { lockDirectory } from "./lock.ts";
import { migrate } from "./migrations.ts";
import { Rebuild } from "./rebuild.ts";

/** A state to go on from: the root of its objects, and where its clock and SIDs were. */
export interface Saved {
  readonly root: object;
  readonly position: unknown;
}

/** What is to be kept: a graph of objects, and what beside it must not be repeated, as JSON. */
export interface Kept {
  readonly root: object;
  position(): unknown;
}

/** Written among the steps: the position as of there. */
type Record = Op | readonly ["@", unknown];

/** Journals grow to this many bytes, and to twice their first size, before they are written anew. */
const smallestToCompact = 64 * 1024 * 1024;

/**
 * The state in a directory, as a journal of what has changed. Every start, and a journal that has grown large, writes
 * it anew without what was overwritten meanwhile.
 */
export class Store {
  /** What the directory held. */
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
   * Takes a directory, made when it is not there, and reads what it holds. Throws a `LockError` when another process
   * has it, a `JournalError` when it holds something that cannot be read, and the system's errors.
   */
  static async open(directory: string, compactFrom = smallestToCompact): Promise<Store> {
    const path = join(resolve(directory), "journal");
    mkdirSync(directory, { recursive: true, mode: 0o700 });
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
      const saved = { root: rebuild.root(), position };
      migrate(saved, version);
      return new Store(path, unlock, saved, compactFrom);
    } catch (error) {
      unlock();
      throw error;
    }
  }

  /** Keeps another state from now on, instead of any before. Resolves when all of it is on the disk. */
  keep(kept: Kept): Promise<void> {
    this.#kept = kept;
    return this.#begin(kept);
  }

  /** Resolves when everything that has happened so far is on the disk. Rejects when it cannot be kept. */
  async committed(): Promise<void> {
    // While the journal is replaced nothing is written, and the next replacement may have begun by then.
    for (let replaced: unknown; replaced !== this.#replacing; ) {
      replaced = this.#replacing;
      await replaced;
    }
    this.#write();
    if (this.#failure !== undefined) throw this.#failure;
    await this.#journal?.flushed();
    this.#compact();
  }

  /** Writes what is left and gives the directory back. */
  async close(): Promise<void> {
    clearImmediate(this.#planned);
    await this.committed().finally(async () => {
      await this.#replacing;
      await Promise.resolve(this.#journal?.close()).finally(this.#unlock);
    });
  }

  /** Appends what has changed. Nothing changes while this runs, so what is written together belongs together. */
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

  /** Changes that no request waits for, such as a timer's, are written right after what made them. */
  #plan(): void {
    this.#planned ??= setImmediate(() => {
      this.#planned = undefined;
      // Whoever asks next learns of a failure.
      this.committed().catch(() => {});
    });
  }

  #compact(): void {
    const bytes = this.#journal?.bytes ?? 0;
    if (this.#kept === undefined || bytes < Math.max(this.#compactFrom, 2 * this.#firstBytes)) return;
    // Whoever waits for the next commit learns of a failure.
    this.#begin(this.#kept).catch(() => {});
  }

  #begin(kept: Kept): Promise<void> {
    // One at a time: nobody finds the journal too large while it waits to be replaced.
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
