import { describe, expect, it } from "vitest";
import { startEmulator } from "../../../emulator/emulator.ts";
import { useBench } from "../support/emulator.ts";

const bench = useBench();
const phone = "+15558675310";

/** Opens a stream, and reads what it says piece by piece. */
async function openStream(controlUrl: string) {
  const response = await fetch(`${controlUrl}/stream`);
  if (response.body === null) throw new Error("The stream has no body");
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  const read = async () => (await reader.read()).value;
  const begin = await read();
  return {
    response,
    begin,
    /** Resolves when all these parts have changed, in one piece or more; none else may. */
    async tells(...parts: string[]): Promise<void> {
      const changed = new Set<string>();
      while (changed.size < parts.length) {
        const text = await read();
        if (text === undefined) throw new Error("The stream has ended");
        for (const [, json = ""] of text.matchAll(/^data: (.*)$/gm))
          for (const part of JSON.parse(json).changed) changed.add(part);
        expect(parts).toEqual(expect.arrayContaining([...changed]));
      }
    },
    /** Resolves to what is left of the stream once it has ended. */
    async rest(): Promise<string> {
      let rest = "";
      for (let text = await read(); text !== undefined; text = await read()) rest += text;
      return rest;
    },
    leave: () => reader.cancel(),
  };
}

describe("the stream of changes", () => {
  it("begins with how soon to come back", async () => {
    const { response, begin, leave } = await openStream(bench.current.emulator.controlUrl);
    expect(response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    expect(begin).toMatch(/^retry: \d+\n\n$/);
    await leave();
  });

  it("names what has changed", async () => {
    const b = bench.current;
    const { tells, leave } = await openStream(b.emulator.controlUrl);
    await b.control("POST", "/clock/advance", { duration: "PT1M" });
    await tells("clock");
    await b.control("POST", "/clock", { mode: "real" });
    await tells("clock");
    await b.conversations.create();
    await tells("account", "conversations");
    await b.send(phone, b.emulator.smsNumber, "Hi");
    await tells("phones");
    await b.control("POST", "/numbers", { address: "+15017122662" });
    await tells("account");
    const { url } = await b.receiver();
    await b.client.conversations.v1.configuration.webhooks().update({ postWebhookUrl: url });
    await tells("account");
    await b.conversations.create({ xTwilioWebhookEnabled: "true" });
    await tells("account", "conversations", "webhooks");
    await leave();
  });

  it("is waited for by nobody, and ends with a reset and a restore", async () => {
    const b = bench.current;
    const { controlUrl } = b.emulator;
    const first = await openStream(controlUrl);
    expect((await b.control("POST", "/settle")).body).toMatchObject({ settled: true });
    await b.control("POST", "/reset");
    expect(await first.rest()).toBe("");
    const second = await openStream(controlUrl);
    const snapshot = await b.control("GET", "/snapshot");
    await b.control("POST", "/restore", snapshot.body);
    expect(await second.rest()).toBe("");
  });

  it("ends with the emulator", async () => {
    const emulator = await startEmulator();
    const { rest } = await openStream(emulator.controlUrl);
    const [left] = await Promise.all([rest(), emulator.close()]);
    expect(left).toBe("");
  });
});
