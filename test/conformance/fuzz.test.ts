import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Emulator, startEmulator } from "../../emulator/emulator.ts";
import { isObject, parseJson } from "./check/json.ts";
import { expectConsistency, expectPairsHeld } from "./fuzz/consistency.ts";
import { spoiledRequests } from "./fuzz/mutations.ts";
import { Sids } from "./fuzz/sids.ts";
import type { Exchange } from "./recorder.ts";
import { runScenarios } from "./run/scenarios.ts";
import { allScenarios } from "./scenarios/all.ts";
import { limits } from "./scenarios/limits.ts";
import { type RawAnswer, type RawRequest, send } from "./send.ts";

/**
 * Valid requests to every operation: those of the suite, without the ones that are rejected before the operation and
 * those that only raise a count.
 */
const { exchanges } = await runScenarios(allScenarios.filter((scenario) => !limits.includes(scenario)));
const corpus = exchanges.filter(({ status }) => status !== 401);

let emulator: Emulator;
let defects: string[];

beforeEach(async () => {
  defects = [];
  const log = (line: string) => void (line.startsWith("defect") && defects.push(line));
  emulator = await startEmulator({ clock: "manual", log });
});
afterEach(() => emulator.close());

describe("requests of the suite, mutated and sent in parallel", () => {
  it("are answered below 500 with Twilio's bodies, and keep the state consistent", async () => {
    const sids = new Sids();
    await populate(sids);
    const batch = fc.array(spoiledRequests(corpus), { minLength: 4, maxLength: 24 });
    await fc.assert(
      fc.asyncProperty(batch, async (requests) => {
        const pointed = requests.map((request, at) => sids.point(request, at));
        const answers = await Promise.all(pointed.map((request) => send(emulator, request)));
        for (const [at, answer] of answers.entries()) {
          expectAnswer(pointed[at], answer);
          sids.note(answer.text);
        }
        expect(defects).toEqual([]);
      }),
      { numRuns: 150 },
    );
    await emulator.settle();
    await expectConsistency(emulator);
    await expectPairsHeld(emulator);
    expect(defects).toEqual([]);
  }, 120_000);

  it("create a resource with one name or number pair only once, for any number of parallel requests", async () => {
    const create = (url: string, body: string) =>
      send(emulator, {
        method: "POST",
        host: "conversations.twilio.com",
        url,
        headers: { "Content-Type": "application/x-www-form-urlencoded" },
        body,
      });
    const twenty = Array.from({ length: 20 }, (_, at) => at);
    const statuses = async (calls: Promise<RawAnswer>[]) =>
      (await Promise.all(calls)).map(({ status }) => status).sort((a, b) => a - b);
    const once = [201, ...twenty.slice(1).map(() => 409)];
    expect(await statuses(twenty.map(() => create("/v1/Conversations", "UniqueName=one")))).toEqual(once);
    expect(await statuses(twenty.map(() => create("/v1/Users", "Identity=alice")))).toEqual(once);
    const participants = "/v1/Conversations/one/Participants";
    expect(await statuses(twenty.map(() => create(participants, "Identity=alice")))).toEqual(once);
    const conversations = await Promise.all(
      twenty.map((at) => create("/v1/Conversations", `UniqueName=c${at}`)),
    );
    expect(conversations.every(({ status }) => status === 201)).toBe(true);
    const pair = `MessagingBinding.Address=%2B15558675310&MessagingBinding.ProxyAddress=${encodeURIComponent(emulator.smsNumber)}`;
    const bound = twenty.map((at) => create(`/v1/Conversations/c${at}/Participants`, pair));
    expect(await statuses(bound)).toEqual(once);
    const messages = twenty.map((at) => create("/v1/Conversations/one/Messages", `Body=${at}`));
    const indexes = (await Promise.all(messages)).map(
      ({ text }) => (parseJson(text) as { index: number }).index,
    );
    expect(indexes.sort((a, b) => a - b)).toEqual(twenty);
    await expectConsistency(emulator);
  });
});

/** Creates resources of every kind, by the requests of the suite. */
async function populate(sids: Sids): Promise<void> {
  for (const { method, host, url, requestHeaders, requestBody } of corpus.filter(isCreation)) {
    const headers = { "Content-Type": requestHeaders["content-type"] ?? "" };
    const request = sids.point({ method, host, url, headers, body: requestBody }, 0);
    sids.note((await send(emulator, request)).text);
  }
}

function isCreation({ status }: Exchange): boolean {
  return status === 201 || status === 202;
}

function expectAnswer(request: RawRequest | undefined, { status, contentType, text }: RawAnswer): void {
  const sent = `${request?.method} ${request?.url} ${String(request?.body).slice(0, 300)}`;
  expect(status === 501 || status < 500, `${status} to ${sent}`).toBe(true);
  if (text === "" || status < 400) return;
  expect(contentType, sent).toMatch(/^application\/json/);
  const error = parseJson(text);
  expect(
    isObject(error) && error.status === status && typeof error.code === "number",
    `${text} to ${sent}`,
  ).toBe(true);
}
