import { defineConfig, mergeConfig } from "vitest/config";
import base from "../../../vitest.config.ts";

/** All tests but those that send random requests, with a note of the operations they reach. */
export default mergeConfig(
  base,
  defineConfig({
    test: {
      exclude: ["**/node_modules/**", "**/fuzz*.test.ts", "test/conformance/**"],
      setupFiles: ["test/conformance/table/record.ts"],
    },
  }),
);
