import { type FileHandle, open, rename, truncate } from "node:fs/promises";
import { dirname } from "node:path";
import { crc32 } from "node:zlib";
import { stateVersion, versionProblem } from "./migrations.ts";

/** The first line of a journal. */
const header = { format: "conversations-emulator", version: stateVersion };

/** The file is not a journal of a version that is read, or it is damaged before its end. The message is for the user. */
export class JournalError extends Error {}

/** What was read of a journal: the version of the state, and the length up to the last complete line, in bytes. */
export interface ReadJournal {
  readonly version: number;
  readonly bytes: number;
}

/**
 * Reads a journal and calls `each` with its records, in order, and their version. A line is a checksum and the records of one
 * write in JSON. A last line that is incomplete or fails its checksum was being written when the process ended, and is
 * ignored: no request was answered for it. Resolves to undefined when there is no journal. Throws a {@link JournalError}.
 */
export async function readJournal(
  path: string,
  each: (record: unknown, version: number) => void,
): Promise<ReadJournal | undefined> {
  const file = await open(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (file === undefined) return undefined;
  const reader = new Reader(path, each);
  for await (const lines of linesOf(file)) for (const line of lines) reader.read(line);
  const { version, bytes } = reader;
  if (version === undefined) throw new JournalError(`${path} is not a journal of this emulator`);
  return { version, bytes };
}

class Reader {
  version: number | undefined;
  /** The length of the lines that are complete, in bytes. */
  bytes = 0;
  #lines = 0;
  #hasBadLine = false;
  readonly #path: string;
  readonly #each: (record: unknown, version: number) => void;

  constructor(path: string, each: (record: unknown, version: number) => void) {
    this.#path = path;
    this.#each = each;
  }

  read(line: Buffer): void {
    if (this.#hasBadLine)
      throw new JournalError(`${this.#path} is damaged: line ${this.#lines} fails its checksum`);
    this.#lines += 1;
    const record = parseRecord(line);
    if (record === undefined) {
      this.#hasBadLine = true;
      return;
    }
    this.bytes += line.length + 1;
    if (this.version === undefined) this.version = readHeader(this.#path, record.value);
    else for (const value of record.value as unknown[]) this.#each(value, this.version);
  }
}

/** Complete lines, in groups; a remainder without a newline is ignored. */
async function* linesOf(file: FileHandle): AsyncGenerator<Buffer[]> {
  let rest: Buffer[] = [];
  for await (const chunk of file.createReadStream({ highWaterMark: 1024 * 1024 })) {
    const bytes = chunk as Buffer;
    const lines: Buffer[] = [];
    let begin = 0;
    for (let end = bytes.indexOf(newline); end !== -1; end = bytes.indexOf(newline, begin)) {
      const line = bytes.subarray(begin, end);
      lines.push(rest.length === 0 ? line : Buffer.concat([...rest, line]));
      rest = [];
      begin = end + 1;
    }
    if (begin < bytes.length) rest.push(bytes.subarray(begin));
    yield lines;
  }
}

const newline = "\n".charCodeAt(0);

function parseRecord(line: Buffer): { readonly value: unknown } | undefined {
  const json = line.subarray(9);
  if (line.toString("latin1", 0, 8) !== checksum(json)) return undefined;
  try {
    return { value: JSON.parse(json.toString("utf8")) };
  } catch {
    return undefined;
  }
}

function readHeader(path: string, value: unknown): number {
  const { format, version } = value as Partial<typeof header>;
  if (format !== header.format || version === undefined)
    throw new JournalError(`${path} is not a journal of this emulator`);
  const problem = versionProblem(version);
  if (problem !== undefined) throw new JournalError(`${path} ${problem}, or choose another directory.`);
  return version;
}

function formatLine(value: unknown): Buffer {
  const json = Buffer.from(JSON.stringify(value));
  return Buffer.concat([Buffer.from(`${checksum(json)} `), json, Buffer.of(newline)]);
}

function checksum(json: Buffer): string {
  return crc32(json).toString(16).padStart(8, "0");
}

/** Creates a journal without records beside that of `path`. */
export async function createJournal(path: string): Promise<Journal> {
  const file = await open(`${path}.new`, "w", 0o600);
  const line = formatLine(header);
  await file.writeFile(line);
  return new Journal(file, line.length);
}

/** Replaces the journal of `path` by the one beside it, which must be on the disk. */
export async function replaceJournal(path: string): Promise<void> {
  await rename(`${path}.new`, path);
  await syncDirectory(dirname(path));
}

/** Opens a journal to append to it, after as many bytes as were read. */
export async function openJournal(path: string, bytes: number): Promise<Journal> {
  await truncate(path, bytes);
  return new Journal(await open(path, "a", 0o600), bytes);
}

/** On Windows directories cannot be opened, and a rename is durable. */
async function syncDirectory(path: string): Promise<void> {
  if (process.platform === "win32") return;
  const directory = await open(path);
  await directory.sync().finally(() => directory.close());
}

/** A journal that is open for appending. */
export class Journal {
  readonly #file: FileHandle;
  #waiting: unknown[] = [];
  #writing: Promise<void> | undefined;
  #bytes: number;
  #failure: unknown;

  /** @param bytes the present size of the file. */
  constructor(file: FileHandle, bytes: number) {
    this.#file = file;
    this.#bytes = bytes;
  }

  /** Its size. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Queues a record, which must not change afterwards; {@link flushed} resolves when it is on the disk. */
  append(record: unknown): void {
    this.#waiting.push(record);
  }

  /**
   * Resolves when every record so far is on the disk. Records that are appended during a write share the next one, and
   * its fsync. Rejects with the system's error, and always after that, because records after an incomplete line could
   * not be read.
   */
  async flushed(): Promise<void> {
    await this.#writing;
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#writing === undefined && this.#waiting.length > 0) {
      this.#writing = this.#write().finally(() => {
        this.#writing = undefined;
      });
    }
    await this.#writing;
  }

  /** Writes the queued records and closes the file. */
  async close(): Promise<void> {
    await this.flushed().finally(() => this.#file.close());
  }

  async #write(): Promise<void> {
    const line = formatLine(this.#waiting);
    this.#waiting = [];
    try {
      await this.#file.writeFile(line);
      await this.#file.datasync();
      this.#bytes += line.length;
    } catch (error) {
      this.#failure = error;
      throw error;
    }
  }
}
