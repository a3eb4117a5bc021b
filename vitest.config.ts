import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import { QUICK_START } from "./test/support/quick-start.ts";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    environment: "node",
    // More than cores: a worker waits half of its time, for other processes and for limits that pass.
    maxWorkers: Math.ceil(1.5 * availableParallelism()),
    // Test files share the modules that they import, which saves a quarter of the time: test/architecture.test.ts forbids
    // what would carry over from one file to the next.
    isolate: false,
    globalSetup: ["test/support/notices.ts", "test/support/build.ts"],
    // For the processes that tests start.
    env: { NODE_OPTIONS: QUICK_START },
    // As Node itself imports CommonJS, and as the bundles are made.
    deps: { interopDefault: false },
    // Some tests start processes; on a busy machine that takes its time. Each wait for a page lasts up to 30 seconds
    // (Playwright's default), and its error says more than that of a test that took too long.
    testTimeout: 60_000,
    expect: { poll: { timeout: 20_000 } },
    hookTimeout: 60_000,
  },
});
