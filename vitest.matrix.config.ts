import { mergeConfig } from "vitest/config";
import base from "./vitest.config.ts";

/** Every fault in every request of an apply, one to two minutes. A sample is in the suite. */
const config = mergeConfig(base, {});
export default { ...config, test: { ...config.test, include: ["test/**/*.matrix.ts"] } };
