import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { endpoints, targetsOf } from "../../infra/endpoints.ts";
import { EXCEPTIONS, startTwilio, type Twilio } from "../../tools/bench/jobs.ts";
import { eventOf, programOf } from "../../tools/bench/programs.ts";
import { requestOf } from "../../tools/bench/requests.ts";

describe("the jobs of `npm run bench`", () => {
  let twilio: Twilio;
  beforeAll(async () => {
    twilio = await startTwilio();
  });
  afterAll(() => twilio.stop());

  it("has no exception for an unknown endpoint", () => {
    const names = endpoints().map(({ name }) => name);
    expect([...EXCEPTIONS.keys()].filter((name) => !names.includes(name))).toEqual([]);
  });

  it.each(endpoints())("runs a job with the bundle of $name", async (endpoint) => {
    const target = targetsOf(endpoint).includes("consumer") ? "consumer" : "twilio";
    const event = eventOf(endpoint, target, await requestOf(endpoint, twilio), twilio.variables);
    const program = programOf(endpoint, target, twilio.variables);
    // Rejects with the program's output when it does not exit with 0.
    await promisify(execFile)(process.execPath, ["--eval", program, "--", JSON.stringify(event)]);
  });
});
