import { defineConfig } from "vitest/config";
import base from "../../../vitest.config.ts";

/** The emulator's own tests, without those that send random requests, recording the operations that they call. */
export default defineConfig({
  ...base,
  test: {
    ...base.test,
    // The file that records runs once for each test file.
    isolate: true,
    include: ["test/emulator/**/*.test.ts"],
    exclude: ["**/fuzz.test.ts"],
    setupFiles: ["test/conformance/table/record.ts"],
    // A second try records the same.
    retry: 2,
  },
});
