import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createJournal, JournalError, readJournal, replaceJournal } from "../../../emulator/store/journal.ts";
import { temporaryDirectory } from "../support/process.ts";

/** A journal with a line for each of the records. */
async function write(path: string, ...records: unknown[]): Promise<void> {
  const journal = await createJournal(path);
  await replaceJournal(path);
  for (const record of records) {
    journal.append(record);
    await journal.flushed();
  }
  await journal.close();
}

async function read(path: string): Promise<unknown[]> {
  const records: unknown[] = [];
  await readJournal(path, (record) => records.push(record));
  return records;
}

describe("a journal", () => {
  it("returns its records in order", async () => {
    const path = join(temporaryDirectory(), "journal");
    expect(await readJournal(path, () => {})).toBeUndefined();
    await write(path, { a: 1 }, "zwei\n", ["三", "\ud800"]);
    expect(await read(path)).toEqual([{ a: 1 }, "zwei\n", ["三", "\ud800"]]);
  });

  it("writes records that are appended during a write together, and in order", async () => {
    const path = join(temporaryDirectory(), "journal");
    const journal = await createJournal(path);
    await replaceJournal(path);
    const numbers = Array.from({ length: 500 }, (_, number) => number);
    await Promise.all(
      numbers.map(async (number) => {
        journal.append(number);
        await journal.flushed();
        expect(readFileSync(path, "utf8")).toMatch(new RegExp(`[[,]${number}[,\\]]`));
      }),
    );
    await journal.close();
    expect(await read(path)).toEqual(numbers);
    expect(readFileSync(path, "utf8").split("\n").length).toBeLessThan(50);
  });

  it("truncates a last line that is incomplete, at any byte", async () => {
    const path = join(temporaryDirectory(), "journal");
    await write(path, "first", "second", { third: "torn" });
    const whole = readFileSync(path);
    const end = whole.lastIndexOf("\n", whole.length - 2) + 1;
    for (let length = end; length < whole.length; length += 1) {
      writeFileSync(path, whole.subarray(0, length));
      expect(await read(path)).toEqual(["first", "second"]);
    }
    writeFileSync(
      path,
      Buffer.concat([whole.subarray(0, end), Buffer.alloc(whole.length - end), Buffer.from("\n")]),
    );
    expect(await read(path)).toEqual(["first", "second"]);
  });

  it("rejects a file that is damaged before its end, and names the line", async () => {
    const path = join(temporaryDirectory(), "journal");
    await write(path, "first", "second", "third");
    writeFileSync(path, readFileSync(path, "utf8").replace("second", "sEcond"));
    await expect(read(path)).rejects.toThrow(
      new JournalError(`${path} is damaged: line 3 fails its checksum`),
    );
  });

  it.each(["", "{}\n", "hello", '00000000 {"format":"conversations-emulator"}\n'])(
    "rejects a file that is not a journal: %j",
    async (text) => {
      const path = join(temporaryDirectory(), "journal");
      writeFileSync(path, text);
      await expect(read(path)).rejects.toThrow(`${path} is not a journal of this emulator`);
    },
  );

  it("rejects every write after a failed one", async () => {
    const journal = await createJournal(join(temporaryDirectory(), "journal"));
    await journal.close();
    journal.append("lost");
    await expect(journal.flushed()).rejects.toThrow("closed");
    await expect(journal.flushed()).rejects.toThrow("closed");
  });
});
