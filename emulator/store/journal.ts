import { type FileHandle, open, rename } from "node:fs/promises";
import { dirname } from "node:path";
import { StringDecoder } from "node:string_decoder";
import { crc32 } from "node:zlib";
import { stateVersion, versionProblem } from "./migrations.ts";

/** The first line of a journal. */
const header = { format: "conversations-emulator", version: stateVersion };

/** The file is not a journal of a version that is read, or it is damaged before its end. The message is for the user. */
export class JournalError extends Error {}

/**
 * Reads a journal and calls `each` with its records, in order. A line is a checksum and the records of one write in JSON.
 * A last line that is incomplete or fails its checksum was being written when the process ended, and is ignored: no
 * request was answered for it. Resolves to the version of the state, or to undefined when there is no journal. Throws a
 * {@link JournalError}.
 */
export async function readJournal(
  path: string,
  each: (record: unknown) => void,
): Promise<number | undefined> {
  const file = await open(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (file === undefined) return undefined;
  let version: number | undefined;
  let number = 0;
  let bad: number | undefined;
  for await (const line of linesOf(file)) {
    number += 1;
    if (bad !== undefined) throw new JournalError(`${path} is damaged: line ${bad} fails its checksum`);
    const record = parseRecord(line);
    if (record === undefined) bad = number;
    else if (number === 1) version = readHeader(path, record.value);
    else for (const value of record.value as unknown[]) each(value);
  }
  if (version === undefined) throw new JournalError(`${path} is not a journal of this emulator`);
  return version;
}

/** Complete lines; a remainder without a newline is ignored. */
async function* linesOf(file: FileHandle): AsyncGenerator<string> {
  const decoder = new StringDecoder("utf8");
  let rest = "";
  for await (const chunk of file.createReadStream({ highWaterMark: 1024 * 1024 })) {
    const lines = (rest + decoder.write(chunk as Buffer)).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
}

function parseRecord(line: string): { readonly value: unknown } | undefined {
  const text = line.slice(9);
  if (line.slice(0, 8) !== checksum(text)) return undefined;
  try {
    return { value: JSON.parse(text) };
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

function formatLine(value: unknown): string {
  const text = JSON.stringify(value);
  return `${checksum(text)} ${text}\n`;
}

function checksum(text: string): string {
  return crc32(text).toString(16).padStart(8, "0");
}

const recordsPerLine = 1000;

/** Writes a new journal and renames it over the old one. Resolves to the open file. */
export async function replaceJournal(path: string, records: readonly unknown[]): Promise<Journal> {
  const file = await open(`${path}.new`, "w", 0o600);
  try {
    await file.writeFile(formatLine(header));
    let bytes = 0;
    for (let i = 0; i < records.length; i += recordsPerLine) {
      const line = Buffer.from(formatLine(records.slice(i, i + recordsPerLine)));
      await file.writeFile(line);
      bytes += line.length;
    }
    await file.datasync();
    await rename(`${path}.new`, path);
    await syncDirectory(dirname(path));
    return new Journal(file, bytes);
  } catch (error) {
    await file.close();
    throw error;
  }
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
    const line = Buffer.from(formatLine(this.#waiting));
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
