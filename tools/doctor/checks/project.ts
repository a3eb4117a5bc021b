import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isStale } from "../../build/stale.ts";
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
    return isStale(folder) ? ["There is no build, or a source file was changed after it"] : [];
  },
};
