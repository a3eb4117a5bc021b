import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { endpoints, handlerOf, root } from "../../infra/endpoints.ts";
import { platforms } from "../support/platforms.ts";
import { runCase, type Verdict } from "./case.ts";
import { faults } from "./faults.ts";
import type { Flow } from "./flow.ts";
import { flows } from "./flows/all.ts";
import { Lane } from "./lane.ts";
import { type Finished, secondsOf } from "./matrix.ts";
import { withResults } from "./page.ts";

/** A few of what `npm run faults` runs. */
const sample = [
  { flow: "send with a key", fault: "cut after commit", skip: 2, verdict: "complete" },
  { flow: "connect two people", fault: "500 after commit", skip: 2, verdict: "complete" },
  { flow: "invite", fault: "500 before", skip: 4, verdict: "complete" },
  { flow: "reply yes", fault: "429", skip: 3, verdict: "complete" },
  { flow: "transfer a projected address", fault: "500 after commit", skip: 1, verdict: "complete" },
  { flow: "send text inside the window", fault: "cut after commit", skip: 6, verdict: "complete" },
] as const;

describe.each(platforms)("on $name, a flow with a fault", (platform) => {
  let lane: Lane;
  beforeAll(async () => {
    lane = await Lane.start(platform);
  });
  afterAll(() => lane.stop());

  it.each(sample)("in a request: $flow, $fault at request $skip", async ({ skip, verdict, ...names }) => {
    const flow = flows.find(({ name }) => name === names.flow);
    const fault = faults.find(({ name }) => name === names.fault);
    if (flow === undefined || fault === undefined) throw new Error("There is no such flow or fault.");
    expect(await runCase(lane, flow, [{ fault, skip }])).toMatchObject({ verdict });
  });

  it("does not send a message again that appears after its call has ended", async () => {
    const flow = flows.find(({ name }) => name === "reply unclearly, and then yes");
    const fault = faults.find(({ name }) => name === "late commit");
    if (flow === undefined || fault === undefined) throw new Error("There is no such flow or fault.");
    const { requests } = await runCase(lane, flow, []);
    const skip = requests.lastIndexOf("POST Conversations/{sid}/Messages");
    expect(skip).toBeGreaterThan(0);
    const { verdict, story } = await runCase(lane, flow, [{ fault, skip }]);
    expect(["complete", "repaired"], story).toContain(verdict);
  });

  it("is bad when something is there twice", async () => {
    const [, , , , , attach] = flows;
    if (attach === undefined) throw new Error("There is no such flow.");
    const twice = {
      ...attach,
      prepare: async (one: Lane) => {
        const prepared = await attach.prepare(one);
        return { ...prepared, look: async () => ({ wrong: ["2 times"], missing: [], half: [] }) };
      },
    };
    expect(await runCase(lane, twice, [])).toMatchObject({ verdict: "bad" });
  });
});

describe("the second faults of a pair", () => {
  const [read, send, remove] = ["GET Messages", "POST Messages", "DELETE Conversations/{sid}"];
  const undisturbed = ["POST Conversations", read, send, remove, read];
  const injected = (name: string, later: readonly string[]) => {
    const fault = faults.find((one) => one.name === name);
    if (fault === undefined) throw new Error("There is no such fault.");
    return secondsOf({ fault, skip: 2 }, later, undisturbed).map((one) => `${one.skip} ${one.fault.name}`);
  };
  const all = (skip: number) => ["500 before", "cut before", "hang"].map((name) => `${skip} ${name}`);

  it("are injected into what the first one has caused and the first request after that", () => {
    expect(injected("500 before", [read, read, send, remove, read])).toEqual([2, 3, 4, 5].flatMap(all));
    expect(injected("429", [send])).toEqual(all(2));
  });

  it("hang in the other requests, too, where the first one has taken time", () => {
    const expected = [...[2, 3].flatMap(all), "4 hang"];
    expect(injected("hang after commit", [read, remove, read])).toEqual(expected);
  });

  it("are injected into the first, the second and the last of equal reads", () => {
    const looks = Array.from({ length: 9 }, () => read);
    expect(injected("cut before", [...looks, remove])).toEqual([2, 3, 10, 11].flatMap(all));
    expect(injected("cut before", [...looks.map(() => send), remove])).toHaveLength(30);
  });
});

describe("the page of the results", () => {
  const [platform] = platforms;
  const [one, other] = flows;
  const [fault] = faults;
  if (platform === undefined || one === undefined || other === undefined || fault === undefined)
    throw new Error("There are no flows.");
  const finished = (flow: Flow, verdict: Verdict, count: number): Finished => ({
    done: { platform, flow, injections: Array.from({ length: count }, (_, skip) => ({ fault, skip })) },
    result: { verdict, story: "", injected: [], requests: [] },
  });
  const rowsIn = (page: string) => page.split("\n").filter((line) => /\d/.test(line));

  it("keeps the rows of other flows, and counts pairs apart", () => {
    const first = withResults("Words.\n", [finished(one, "complete", 1), finished(other, "repaired", 1)]);
    const again = withResults(first, [finished(one, "complete", 0), finished(one, "bad", 1)]);
    const page = withResults(again, [finished(one, "complete", 0), finished(one, "reported", 2)]);
    const row = (flow: Flow, numbers: string) => `| ${flow.name} | ${platform.name} | ${numbers} |`;
    expect(page.startsWith("Words.")).toBe(true);
    expect(rowsIn(page)).toEqual([
      ...[row(one, "2 | 1 | 0 | 0 | 1"), row(other, "1 | 0 | 1 | 0 | 0")].sort(),
      "| all |  | 3 | 1 | 1 | 0 | 1 |",
      row(one, "1 | 0 | 0 | 1 | 0"),
      "| all |  | 1 | 0 | 0 | 1 | 0 |",
    ]);
  });
});

describe("the flows", () => {
  it("have every endpoint that asks Twilio for something", async () => {
    const known = new Set(flows.flatMap((flow) => flow.endpoints));
    const asking: string[] = [];
    for (const endpoint of endpoints()) {
      const { variables } = await handlerOf(endpoint);
      if (variables.includes("TWILIO_BASE_URL")) asking.push(endpoint.name);
    }
    expect(asking.filter((name) => !known.has(name))).toEqual([]);
  });

  it("are shortened alike: every limit and pause of a call is scaled", () => {
    /** Ages of data and what goes to others than Twilio; and what is scaled together with something else. */
    const others =
      /KEYS_COUNT_FOR|STALE_AFTER|WINDOW|MARGIN|HOUR|MINUTE|DAY|SECOND|IDLE_LIMIT|JWKS|^TIMEOUT|KEEP|^LONGEST$|SECRETS_KEPT|^DELAY/;
    const together = /TIME_LIMIT|TIME_TO_ANSWER|TIME_TO_RELEASE|SEARCH_PAUSE/;
    const files = ["core", "handlers"].flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
        .filter((file) => file.endsWith(".ts"))
        .map((file) => join(folder, file)),
    );
    const unscaled = files.flatMap((file) => {
      const source = readFileSync(join(root, file), "utf8").replaceAll(
        /scaled\((?:[^()]|\([^()]*\))*\)/g,
        "",
      );
      const constants = [...source.matchAll(/^(?:export )?const (\w+)_MS = (?!\n)/gm)].map(
        ([, name = ""]) => name,
      );
      const used = constants.filter((name) => source.split(new RegExp(`\\b${name}_MS\\b`)).length > 2);
      return used
        .filter((name) => !others.test(name) && !together.test(name))
        .map((name) => `${file}: ${name}_MS`);
    });
    expect(unscaled).toEqual([]);
  });
});
