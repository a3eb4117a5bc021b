import { mergeConfig } from "vitest/config";
import base from "./vitest.config.ts";

/** What takes too long for every change: pages, versions of what the emulator speaks to, faults, deploys. `npm test` has a sample. */
const config = mergeConfig(base, {});
export default { ...config, test: { ...config.test, include: ["test/**/*.all.ts"] } };
