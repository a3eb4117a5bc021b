import { mergeConfig } from "vitest/config";
import base from "./vitest.config.ts";

/** What takes too long for every change: the same tests with other versions of what the emulator speaks to. */
const config = mergeConfig(base, {});
export default { ...config, test: { ...config.test, include: ["test/**/*.all.ts"] } };
