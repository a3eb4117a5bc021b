import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Check } from "../check.ts";

const OLDEST_NODE = 20;
/** The versions that Twilio accepted for deployments to node22 in 2026 (twilio-labs/serverless-toolkit, issue 564). */
const ACCEPTED = /^(2\.0\.[0-3]|2\.1\.[2-9]|1\.3\.\d+)$/;

export const node: Check = {
  name: "Node",
  description: `Node is version ${OLDEST_NODE} or later`,
  isOnline: false,
  advice: "Install the current LTS release: https://nodejs.org",
  async run() {
    const major = Number(process.versions.node.split(".")[0]);
    return major < OLDEST_NODE ? [`This is Node ${process.versions.node}`] : [];
  },
};

export const runtimeHandler: Check = {
  name: "runtime handler",
  description: "Twilio accepts the pinned version of @twilio/runtime-handler",
  isOnline: false,
  advice: "Pin a version that Twilio accepts: npm install --save-exact @twilio/runtime-handler@2.0.1",
  async run({ folder }) {
    const { dependencies } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    const version = String(dependencies?.["@twilio/runtime-handler"]);
    return ACCEPTED.test(version)
      ? []
      : [`Twilio rejects @twilio/runtime-handler ${version} in a deployment to node22`];
  },
};

export const build: Check = {
  name: "build",
  description: "dist is newer than the sources",
  isOnline: false,
  advice: "npm run build",
  async run({ folder }) {
    const bundles = join(folder, "dist/twilio/functions");
    if (!existsSync(bundles)) return ["There is no build: dist/twilio/functions is missing"];
    const built = Math.max(...times(bundles));
    const changed = Math.max(
      ...["core", "handlers", "functions"].flatMap((name) => [...times(join(folder, name))]),
    );
    return changed > built ? ["A source file was changed after the last build"] : [];
  },
};

function* times(folder: string): Iterable<number> {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true }))
    if (entry.isFile()) yield statSync(join(entry.parentPath, entry.name)).mtimeMs;
}
