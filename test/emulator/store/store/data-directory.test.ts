import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { describe, expect, it } from "vitest";
import { type Emulator, startEmulator } from "../../../../emulator/emulator.ts";
import { JournalError } from "../../../../emulator/store/journal.ts";
import { clientOf } from "../../support/client.ts";
import { startTime, TestAccount } from "../../support/emulator.ts";
import { runMain, temporaryDirectory } from "../../support/process.ts";

const start = (data: string) => startEmulator({ data, clock: "manual", startTime });

const lineOf = (records: unknown): string => {
  const text = JSON.stringify(records);
  return `${crc32(text).toString(16).padStart(8, "0")} ${text}`;
};

/** Restarts the emulator with the same directory. */
async function restart(emulator: Emulator, data: string): Promise<Emulator> {
  await emulator.close();
  return start(data);
}

describe("a data directory", () => {
  it("keeps credentials, clock, phones, WhatsApp windows, timers and the sequence of SIDs", async () => {
    const data = temporaryDirectory();
    const account = new TestAccount(await start(data));
    const { smsNumber, whatsappNumber } = account.emulator;
    const { sid } = await account.conversations.create({ "timers.inactive": "PT1H" });
    const phone = "whatsapp:+14155550101";
    await account.conversations(sid).participants.create({
      "messagingBinding.address": phone,
      "messagingBinding.proxyAddress": whatsappNumber,
    });
    await account.send(phone, whatsappNumber, "Hello");
    await account.send("+14155550102", smsNumber, "Nobody reads this");
    const before = { info: { ...account.emulator.info }, inbox: await account.inbox(phone) };

    const again = new TestAccount(await restart(account.emulator, data));
    const { url: _, controlUrl: __, consoleUrl: ___, ...credentials } = before.info;
    expect(again.emulator.info).toMatchObject(credentials);
    expect(again.emulator.clock.now()).toBe(startTime);
    expect(await again.inbox(phone)).toEqual(before.inbox);
    await again.conversations(sid).messages.create({ body: "Inside the window" });
    await again.emulator.settle();
    expect((await again.inbox(phone)).map(({ body }) => body)).toEqual(["Hello", "Inside the window"]);
    await again.emulator.advance(3_600_000);
    expect(await again.conversations(sid).fetch()).toMatchObject({ state: "inactive" });
    await again.close();
  });

  it.each([
    [
      "no line after its header",
      (lines: string[]) => lines.slice(0, 1),
      "has a header and no whole state: it was cut off",
    ],
    [
      "no position after its state",
      ([header, ...lines]: string[]) => {
        const records = lines.filter((line) => line !== "").map((line) => JSON.parse(line.slice(9)));
        return [header, ...records.map((line: string[][]) => lineOf(line.filter(([sign]) => sign !== "@")))];
      },
      "has a header and no whole state: it was cut off",
    ],
    ["no first object", (lines: string[]) => [lines[0], lineOf([["=", "x1", []]])], "is damaged"],
  ])("with %s is not used, and a message says so", async (_what, change, message) => {
    const data = temporaryDirectory();
    await (await start(data)).close();
    const path = join(data, "journal");
    const damaged = `${change(readFileSync(path, "utf8").split("\n")).join("\n")}\n`;
    writeFileSync(path, damaged);
    await expect(start(data)).rejects.toThrow(JournalError);
    await expect(start(data)).rejects.toThrow(`${path} ${message}`);
    expect(readFileSync(path, "utf8")).toBe(damaged);
  });

  it("is emptied by a reset, also after a restart", async () => {
    const data = temporaryDirectory();
    const first = await start(data);
    const { sid } = await clientOf(first).conversations.v1.conversations.create();
    await first.reset();
    const again = await restart(first, data);
    expect(await clientOf(again).conversations.v1.conversations.list()).toEqual([]);
    expect((await clientOf(again).conversations.v1.conversations.create()).sid).toBe(sid);
    await again.close();
  });

  it("is not rewritten at a start, and a line that was cut off is removed", async () => {
    const data = temporaryDirectory();
    let emulator = await start(data);
    const size = () => readFileSync(join(data, "journal")).length;
    emulator = await restart(emulator, data);
    const empty = size();
    const { v1 } = clientOf(emulator).conversations;
    const { sid } = await v1.conversations.create();
    for (let i = 0; i < 20; i += 1) await v1.conversations(sid).update({ friendlyName: `name ${i}` });
    await v1.conversations(sid).remove();
    const full = size();
    expect(full).toBeGreaterThan(1.5 * empty);
    await emulator.close();
    appendFileSync(join(data, "journal"), '00000000 [["+",');
    emulator = await start(data);
    expect(size()).toBeGreaterThanOrEqual(full);
    expect(await clientOf(emulator).conversations.v1.conversations.list()).toEqual([]);
    const { sid: next } = await clientOf(emulator).conversations.v1.conversations.create();
    emulator = await restart(emulator, data);
    expect((await clientOf(emulator).conversations.v1.conversations(next).fetch()).sid).toBe(next);
    await emulator.close();
  });

  it("is used by one process at a time, and can be used again after that was killed", async () => {
    const data = temporaryDirectory();
    const { ready, child, kill } = runMain("--data", data);
    await ready;
    const refused = await runMain("--data", data).exit;
    expect(refused).toEqual({
      code: 1,
      stdout: "",
      stderr: `Process ${child.pid} has ${data} in use. End it, or choose another directory.\n`,
    });
    await kill();
    expect(await runMain("--data", data).ready).toMatchObject({ accountSid: expect.stringMatching(/^AC/) });
  });

  it("of another version of the format is rejected with one line", async () => {
    const data = temporaryDirectory();
    const header = '{"format":"conversations-emulator","version":99}';
    writeFileSync(join(data, "journal"), `${crc32(header).toString(16).padStart(8, "0")} ${header}\n`);
    const { code, stderr } = await runMain("--data", data).exit;
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^\S+ has version 99, and this emulator reads versions 7 to \d+: it is from a newer emulator\. [^\n]*\n$/,
    );
  });
});
