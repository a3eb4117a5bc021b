import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type Emulator, startEmulator } from "../../../emulator/emulator.ts";
import { TestAccount, useAccount } from "../support/emulator.ts";
import { temporaryDirectory } from "../support/process.ts";

const fixture = useAccount();
const fail = { on: "request", match: { method: "POST" }, effect: "fail", status: 500 };

/** Creates `count` conversations, one after the other: their SIDs, and "lost" for those that were not to be. */
async function createSome(account: TestAccount, count: number): Promise<string[]> {
  const outcomes: string[] = [];
  for (let i = 0; i < count; i += 1) {
    outcomes.push(
      await account.conversations.create().then(
        ({ sid }) => sid,
        () => "lost",
      ),
    );
  }
  return outcomes;
}

const pattern = (outcomes: readonly string[]) =>
  outcomes.map((outcome) => (outcome === "lost" ? "x" : ".")).join("");

describe("faults", () => {
  it("are added, listed with how often they matched and were injected, and removed", async () => {
    const account = fixture.current;
    const added = await account.control("POST", "/faults", {
      ...fail,
      match: { parameters: { FriendlyName: "a*" } },
    });
    expect(added).toMatchObject({ status: 201, body: { id: "fault-1", matched: 0, struck: 0 } });
    const rule = { on: "webhook", match: { url: "*" }, effect: "delay", duration: "P1D", times: 3 };
    expect(await account.fault({ id: "slow", ...rule })).toBe("slow");
    await expect(account.conversations.create({ friendlyName: "abc" })).rejects.toThrow();
    const when = "before";
    const limits = { skip: 0, probability: 1 };
    const counts = { matched: 1, struck: 1 };
    const match = { parameters: { FriendlyName: "a*" } };
    const error = { status: 500, code: 20500, message: "Internal Server Error" };
    expect(await account.faults()).toEqual([
      { id: "fault-1", on: "request", match, effect: "fail", when, ...error, ...limits, ...counts },
      { id: "slow", ...rule, duration: "PT86400S", ...limits, matched: 0, struck: 0 },
    ]);
    expect((await account.control("DELETE", "/faults/slow")).body).toEqual({ removed: 1 });
    expect(await account.control("DELETE", "/faults/slow")).toMatchObject({ status: 404 });
    expect((await account.control("DELETE", "/faults")).body).toEqual({ removed: 1 });
    expect(await account.faults()).toEqual([]);
    expect(await account.fault(fail)).toBe("fault-3");
  });

  it("are what the documentation shows", async () => {
    const page = readFileSync(new URL("../../../docs/control-api.md", import.meta.url), "utf8");
    const examples = [...page.matchAll(/\$C\/faults -d '([^']+)'/g)].map(([, rule = ""]) => JSON.parse(rule));
    expect(examples.length).toBeGreaterThan(4);
    for (const example of examples) await fixture.current.fault(example);
  });

  it("are tried in order: only the first that applies is injected", async () => {
    const account = fixture.current;
    await account.fault({ ...fail, times: 1 });
    await account.fault({ ...fail, status: 503 });
    for (const status of [500, 503])
      await expect(account.conversations.create()).rejects.toMatchObject({ status });
    expect((await account.faults()).map(({ matched, struck }) => [matched, struck])).toEqual([
      [2, 1],
      [1, 1],
    ]);
  });

  it("let some pass, and are injected a number of times", async () => {
    const account = fixture.current;
    await account.fault({ ...fail, skip: 2, times: 3 });
    expect(pattern(await createSome(account, 8))).toBe("..xxx...");
  });

  it("are on the timeline, before what they did", async () => {
    const account = fixture.current;
    const faultId = await account.fault(fail);
    await createSome(account, 1);
    const at = "2026-01-05T10:00:00.000Z";
    const request = { method: "POST", url: "/v1/Conversations" };
    const { body } = await account.control("GET", "/timeline");
    expect(body.timeline).toMatchObject([
      { at, kind: "fault", faultId, on: "request", effect: "fail", ...request },
      { at, kind: "request", status: 500, errorCode: 20500, ...request },
    ]);
  });

  it("are injected by the probability, as the seed determines, and do not change the SIDs", async () => {
    const account = fixture.current;
    const calm = await createSome(account, 20);
    const runs: string[] = [];
    for (const probability of [0.5, 0.5, 0, 1]) {
      await account.emulator.reset();
      await account.fault({ ...fail, probability });
      const outcomes = await createSome(account, 20);
      runs.push(pattern(outcomes));
      const created = outcomes.filter((outcome) => outcome !== "lost");
      expect(created).toEqual(calm.slice(0, created.length));
    }
    expect(runs[0]).toBe(runs[1]);
    expect(runs[0]).toMatch(/x.*\.|\..*x/);
    expect(runs.slice(2)).toEqual([".".repeat(20), "x".repeat(20)]);
  });

  it("go on in a restored snapshot and after a restart where they were", async () => {
    const data = temporaryDirectory();
    const start = async () => new TestAccount(await startEmulator({ clock: "manual", startTime: 0, data }));
    const rule = { ...fail, skip: 1, times: 12, probability: 0.5 };
    let account = await start();
    await account.fault(rule);
    const whole = pattern(await createSome(account, 30));
    await account.emulator.reset();
    await account.fault(rule);
    const first = pattern(await createSome(account, 10));
    const { body: snapshot } = await account.control("GET", "/snapshot");
    await account.close();
    account = await start();
    const second = pattern(await createSome(account, 20));
    expect(first + second).toBe(whole);
    const counts = await account.faults();
    await account.control("POST", "/restore", snapshot);
    expect(await account.faults()).toMatchObject([{ matched: 10 }]);
    expect(pattern(await createSome(account, 20))).toBe(second);
    expect(await account.faults()).toEqual(counts);
    await account.close();
  });
});

describe("a seed", () => {
  const faults = [
    { id: "first-is-lost", ...fail, times: 1 },
    { ...fail, match: { path: "/v1/Users" } },
  ];

  it("has faults that a start begins with, and every reset", async () => {
    const account = fixture.current;
    const emulator: Emulator = await startEmulator({ contents: { faults, conversations: [{}] } });
    const seeded = new TestAccount(emulator);
    expect(pattern(await createSome(seeded, 2))).toBe("x.");
    await emulator.reset();
    expect(await seeded.faults()).toMatchObject([
      { id: "first-is-lost", matched: 0, struck: 0 },
      { id: "fault-2" },
    ]);
    expect(pattern(await createSome(seeded, 2))).toBe("x.");
    await seeded.close();
    await account.control("POST", "/reset", { faults });
    expect(pattern(await createSome(account, 2))).toBe("x.");
    await account.control("POST", "/reset");
    expect(await account.faults()).toEqual([]);
  });

  it("with a wrong fault is refused, with its path", async () => {
    const account = fixture.current;
    const wrong = { faults: [faults[0], { ...fail, match: { operation: "POST /v2/Conversations" } }] };
    const { status, body } = await account.control("POST", "/reset", wrong);
    expect([status, body.field]).toEqual([400, "faults[1].match.operation"]);
    const doubled = await account.control("POST", "/reset", { faults: [faults[0], faults[0]] });
    expect(doubled.body).toMatchObject({ field: "faults[1].id" });
    expect((await account.control("POST", "/reset", { faults: {} })).body).toMatchObject({ field: "faults" });
  });
});

describe("a fault is refused, and its field named,", () => {
  const sid = `CH${"0".repeat(32)}`;
  const request = { on: "request", effect: "drop" };
  const webhook = { on: "webhook", effect: "hold" };
  const delivery = { on: "delivery", effect: "drop" };
  it.each([
    [{}, "on"],
    [{ on: "phone", effect: "drop" }, "on"],
    [{ on: "request" }, "effect"],
    [{ on: "request", effect: "hold" }, "effect"],
    [{ on: "delivery", effect: "hang" }, "effect"],
    [{ on: "request", effect: 7 }, "effect"],
    [{ ...request, sometimes: true }, "sometimes"],
    [{ ...request, duration: "PT1S" }, "duration"],
    [{ ...webhook, when: "after" }, "when"],
    [{ ...delivery, when: "after" }, "when"],
    [{ ...request, when: "never" }, "when"],
    [{ ...request, id: "a b" }, "id"],
    [{ ...request, id: "x".repeat(65) }, "id"],
    [{ ...request, match: [] }, "match"],
    [{ ...request, match: { event: "onMessageAdded" } }, "match.event"],
    [{ ...webhook, match: { operation: "POST /v1/Conversations" } }, "match.operation"],
    [{ ...delivery, match: { parameters: {} } }, "match.parameters"],
    [{ ...request, match: { parameters: { Body: 7 } } }, "match.parameters.Body"],
    [{ ...request, match: { parameters: "Body" } }, "match.parameters"],
    [{ ...request, match: { operation: "POST /v1/Conversation" } }, "match.operation"],
    [{ ...request, match: { operation: "POST /v1/Conversations", path: "/*" } }, "match.path"],
    [{ ...request, match: { operation: "POST /v1/Conversations", method: "POST" } }, "match.method"],
    [{ ...request, match: { method: "PATCH" } }, "match.method"],
    [{ ...request, match: { path: "v1/Conversations" } }, "match.path"],
    [{ ...request, match: { conversation: "order-1" } }, "match.conversation"],
    [{ ...request, match: { address: "5558675310" } }, "match.address"],
    [{ ...webhook, match: { event: "onTyping" } }, "match.event"],
    [{ ...webhook, match: { event: "onMessageAdd" } }, "match.event"],
    [{ ...webhook, match: { scope: "global" } }, "match.scope"],
    [{ ...webhook, match: { scope: "number" } }, "match.scope"],
    [{ ...webhook, match: { webhookSid: sid } }, "match.webhookSid"],
    [{ ...webhook, match: { url: "example.com/*" } }, "match.url"],
    [{ ...delivery, match: { channel: "mms" } }, "match.channel"],
    [{ ...delivery, match: { channel: "whatsapp", address: "+15558675310" } }, "match.address"],
    [{ ...delivery, match: { proxyAddress: "" } }, "match.proxyAddress"],
    [{ ...request, skip: -1 }, "skip"],
    [{ ...request, skip: 0.5 }, "skip"],
    [{ ...request, times: 0 }, "times"],
    [{ ...request, times: "3" }, "times"],
    [{ ...request, probability: 1.5 }, "probability"],
    [{ ...request, probability: "half" }, "probability"],
    [{ on: "request", effect: "fail" }, "status"],
    [{ ...fail, status: 200 }, "status"],
    [{ ...fail, code: 0 }, "code"],
    [{ ...fail, message: "" }, "message"],
    [{ ...fail, retryAfter: 1 }, "retryAfter"],
    [{ ...fail, status: 429, retryAfter: -1 }, "retryAfter"],
    [{ on: "request", effect: "delay" }, "duration"],
    [{ on: "request", effect: "delay", duration: "5s" }, "duration"],
    [{ on: "webhook", effect: "fail", status: 500, code: 20500 }, "code"],
    [{ on: "webhook", effect: "duplicate", atOnce: "yes" }, "atOnce"],
    [{ on: "webhook", effect: "reorder", behind: 0 }, "behind"],
    [{ on: "delivery", effect: "fail", status: "sent" }, "status"],
    [{ on: "delivery", effect: "fail", code: "30008" }, "code"],
  ])("%j", async (rule, field) => {
    const account = fixture.current;
    const { status, body } = await account.control("POST", "/faults", rule);
    expect({ status, field: body.field }).toEqual({ status: 400, field });
    expect(String(body.error)).toMatch(`${field}: `);
    expect(await account.faults()).toEqual([]);
  });

  it("when there is one of its id, or when it is no object", async () => {
    const account = fixture.current;
    await account.fault({ ...request, id: "mine" });
    expect((await account.control("POST", "/faults", { ...request, id: "mine" })).body).toMatchObject({
      field: "id",
    });
    expect(await account.control("POST", "/faults", [request])).toMatchObject({ status: 400 });
    const response = await fetch(`${account.emulator.controlUrl}/faults`, { method: "POST", body: "{" });
    expect(response.status).toBe(400);
  });
});
