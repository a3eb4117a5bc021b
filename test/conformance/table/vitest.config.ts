import { defineConfig } from "vitest/config";
import base from "../../../vitest.config.ts";

/** The emulator's own tests, without those that send random requests, noting the operations they reach. */
export default defineConfig({
  ...base,
  test: {
    ...base.test,
    // The file that records runs once for each test file.
    isolate: true,
    include: ["test/emulator/**/*.test.ts"],
    exclude: ["**/fuzz.test.ts"],
    setupFiles: ["test/conformance/table/record.ts"],
    // What is recorded is the same in a second try.
    retry: 2,
  },
});
