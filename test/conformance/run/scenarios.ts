import { startEmulator } from "../../../emulator/emulator.ts";
import { clientOf } from "../../emulator/support/client.ts";
import { type Exchange, startRecorder } from "../recorder.ts";
import { NotEmulated, ScenarioContext } from "./context.ts";
import type { Scenario } from "./scenario.ts";

/** How a scenario ended. */
export interface ScenarioResult {
  readonly scenario: string;
  /** `incomplete`: it called an operation that is not emulated. */
  readonly outcome: "passed" | "incomplete" | "failed";
  /** Why it failed. */
  readonly message: string | undefined;
}

/** A run of scenarios, and all recorded requests. */
export interface Run {
  readonly results: readonly ScenarioResult[];
  readonly exchanges: readonly Exchange[];
}

const startTime = Date.parse("2026-01-05T10:00:00Z");

/** Runs scenarios one after another, each in a new emulator with a manual clock. */
export async function runScenarios(scenarios: readonly Scenario[]): Promise<Run> {
  const results: ScenarioResult[] = [];
  const exchanges: Exchange[] = [];
  for (const scenario of scenarios) {
    const families = scenario.families === "both" ? [false, true] : [false];
    for (const scoped of families) {
      const ran = await runOnce(scenario, scoped);
      results.push(ran.result);
      exchanges.push(...ran.exchanges);
    }
  }
  return { results, exchanges };
}

async function runOnce(scenario: Scenario, scoped: boolean) {
  const name = scoped ? `${scenario.name} (service in the path)` : scenario.name;
  const defects: string[] = [];
  const log = (line: string) => void (line.startsWith("defect") && defects.push(line));
  const emulator = await startEmulator({ clock: "manual", startTime, joining: 0, log, ...scenario.options });
  const recorder = await startRecorder(emulator.url);
  recorder.enter(name);
  try {
    const serviceSid = scoped ? await newService(emulator) : undefined;
    const ended = await scenario.run(new ScenarioContext(emulator, recorder.url, serviceSid)).then(
      (): ScenarioResult => ({ scenario: name, outcome: "passed", message: undefined }),
      (error: unknown) => describe(name, error),
    );
    const [defect] = defects;
    const result: ScenarioResult =
      defect === undefined ? ended : { scenario: name, outcome: "failed", message: defect };
    return { result, exchanges: recorder.exchanges };
  } finally {
    await recorder.close();
    await emulator.close();
  }
}

/** A service besides the default one, to detect responses that confuse the two. */
async function newService(emulator: Parameters<typeof clientOf>[0]): Promise<string> {
  const { services } = clientOf(emulator).conversations.v1;
  return (await services.create({ friendlyName: "Another service" })).sid;
}

function describe(scenario: string, error: unknown): ScenarioResult {
  const status = error instanceof Error && "status" in error ? error.status : undefined;
  if (error instanceof NotEmulated || status === 501)
    return { scenario, outcome: "incomplete", message: undefined };
  const code = error instanceof Error && "code" in error ? ` (${status}/${error.code})` : "";
  const message = error instanceof Error ? `${error.message}${code}` : String(error);
  return { scenario, outcome: "failed", message };
}
