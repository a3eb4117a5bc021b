import { describe, expect, it } from "vitest";
import { startEmulator } from "../../../emulator/emulator.ts";
import { useAccount } from "../support/emulator.ts";

const fixture = useAccount();
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
    const { response, begin, leave } = await openStream(fixture.current.emulator.controlUrl);
    expect(response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    expect(begin).toMatch(/^retry: \d+\n\n$/);
    await leave();
  });

  it("names what has changed", async () => {
    const account = fixture.current;
    const { tells, leave } = await openStream(account.emulator.controlUrl);
    await account.control("POST", "/clock/advance", { duration: "PT1M" });
    await tells("clock");
    await account.control("POST", "/clock", { mode: "real" });
    await tells("clock");
    await account.conversations.create();
    await tells("account", "conversations");
    await account.send(phone, account.emulator.smsNumber, "Hi");
    await tells("phones");
    await account.control("POST", "/numbers", { address: "+15017122662" });
    await tells("account");
    const { url } = await account.receiver();
    await account.client.conversations.v1.configuration.webhooks().update({ postWebhookUrl: url });
    await tells("account");
    await account.conversations.create({ xTwilioWebhookEnabled: "true" });
    await tells("account", "conversations", "webhooks");
    await leave();
  });

  it("does not delay settle, and ends with a reset and a restore", async () => {
    const account = fixture.current;
    const { controlUrl } = account.emulator;
    const first = await openStream(controlUrl);
    expect((await account.control("POST", "/settle")).body).toMatchObject({ settled: true });
    await account.control("POST", "/reset");
    expect(await first.rest()).toBe("");
    const second = await openStream(controlUrl);
    const snapshot = await account.control("GET", "/snapshot");
    await account.control("POST", "/restore", snapshot.body);
    expect(await second.rest()).toBe("");
  });

  it("ends with the emulator", async () => {
    const emulator = await startEmulator();
    const { rest } = await openStream(emulator.controlUrl);
    const [left] = await Promise.all([rest(), emulator.close()]);
    expect(left).toBe("");
  });
});
