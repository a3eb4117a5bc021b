import { fileURLToPath } from "node:url";

/** The option by which Node starts a command of this project in half of the time: see stripped.mjs. */
export const QUICK_START = `--import=${fileURLToPath(new URL("stripped.mjs", import.meta.url))}`;
