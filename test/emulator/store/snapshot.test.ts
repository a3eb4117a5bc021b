import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Snapshot } from "../../../emulator/store/snapshot.ts";
import { useAccount } from "../support/emulator.ts";

const fixture = useAccount();
const phone = "whatsapp:+14155550101";

async function snapshot(): Promise<Snapshot> {
  const { status, body } = await fixture.current.control("GET", "/snapshot");
  expect(status).toBe(200);
  return body as unknown as Snapshot;
}

/** A conversation with a person on WhatsApp who has written to it. Returns its SID. */
async function setUp(): Promise<string> {
  const { conversations, emulator } = fixture.current;
  const { sid } = await conversations.create({ friendlyName: "before", "timers.inactive": "PT1H" });
  await conversations(sid).participants.create({
    "messagingBinding.address": phone,
    "messagingBinding.proxyAddress": emulator.whatsappNumber,
  });
  await fixture.current.send(phone, emulator.whatsappNumber, "Hello");
  return sid;
}

describe("a snapshot", () => {
  it("restores conversations, phones, clock, timers and the next SIDs, any number of times", async () => {
    const { conversations, emulator } = fixture.current;
    const sid = await setUp();
    const taken = await snapshot();
    const outcomes = [];
    for (let round = 0; round < 2; round += 1) {
      await emulator.advance(3_600_000);
      const { state } = await conversations(sid).fetch();
      const next = await conversations(sid).messages.create({ body: "Inside the window" });
      await emulator.settle();
      outcomes.push({ state, sid: next.sid, inbox: await fixture.current.inbox(phone) });
      await conversations(sid).remove();
      expect((await fixture.current.control("POST", "/restore", taken)).body).toEqual({ restored: true });
      expect(await conversations(sid).fetch()).toMatchObject({ friendlyName: "before", state: "active" });
    }
    expect(outcomes[0]).toMatchObject({
      state: "inactive",
      inbox: [{ body: "Hello" }, { body: "Inside the window" }],
    });
    expect(outcomes[1]).toEqual(outcomes[0]);
  });

  it("is the same after it was restored", async () => {
    await setUp();
    const taken = await snapshot();
    await fixture.current.control("POST", "/restore", taken);
    expect((await snapshot()).state).toEqual(taken.state);
  });

  it("is rejected when it has another version, was changed or is not a snapshot; the state is kept", async () => {
    const sid = await setUp();
    const taken = await snapshot();
    const { control } = fixture.current;
    const refused = async (value: unknown) => {
      const { status, body } = await control.call(fixture.current, "POST", "/restore", value);
      return `${status} ${body.field ?? body.error}`;
    };
    expect(await refused({ ...taken, version: 99 })).toBe("400 version");
    expect(await refused({ ...taken, version: { toString: [] } })).toBe("400 version");
    expect(await refused({ ...taken, state: taken.state.slice(1) })).toBe("400 digest");
    expect(await refused({ ...taken, position: null })).toBe("400 digest");
    expect(await refused({})).toBe("400 format");
    expect(await refused(null)).toBe("400 format");
    expect(await fixture.current.conversations(sid).fetch()).toMatchObject({ friendlyName: "before" });
  });

  it("is rejected when it is any other JSON", async () => {
    const { format } = await snapshot();
    const anything = fc.oneof(
      fc.jsonValue(),
      fc.record({
        format: fc.constant(format),
        version: fc.oneof(fc.constant(1), fc.jsonValue()),
        state: fc.jsonValue(),
      }),
    );
    await fc.assert(
      fc.asyncProperty(anything, async (value) => {
        const { status } = await fixture.current.control("POST", "/restore", value);
        expect(status).toBe(400);
      }),
    );
  });
});
