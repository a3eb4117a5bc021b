import { expect, it } from "vitest";
import { endpoints } from "../../infra/endpoints.ts";
import { JOBS } from "../../tools/bench/jobs.ts";

it("`npm run bench` has a job for each endpoint", () => {
  expect([...JOBS.keys()].sort()).toEqual(endpoints().map(({ name }) => name));
});
