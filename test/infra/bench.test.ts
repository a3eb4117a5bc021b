import { expect, it } from "vitest";
import { JOBS } from "../../infra/bench-jobs.ts";
import { endpoints } from "../../infra/endpoints.ts";

it("`npm run bench` has a job for each endpoint", () => {
  expect([...JOBS.keys()].sort()).toEqual(endpoints().map(({ name }) => name));
});
