import { mergeConfig } from "vitest/config";
import base from "./vitest.config.ts";

/** The tests that run core/access, core/platforms and core/state in their own process, where Stryker can change them. */
const config = mergeConfig(base, {});
export default {
  ...config,
  test: {
    ...config.test,
    include: ["test/core/{access,platforms,state}/*.test.ts", "test/core/handler.test.ts"],
    globalSetup: [],
  },
};
