import { mergeConfig } from "vitest/config";
import base from "./vitest.config.ts";

/** Every fault at every request: minutes of waiting for what never answers. A sample is in the suite. */
const config = mergeConfig(base, {});
export default { ...config, test: { ...config.test, include: ["test/**/*.matrix.ts"] } };
