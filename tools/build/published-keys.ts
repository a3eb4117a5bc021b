import { join } from "node:path";
import type { BuildOptions, Plugin } from "esbuild";
import { assetsFolder, root, type Target } from "../../infra/endpoints.ts";

/** The module that verifies tokens with an issuer's published keys: with jose, 19 kB that only some deployments run. */
const MODULE = /\/published-keys\.ts$/;
const FILE = "published-keys.js";
const IN_ASSETS = "published-keys";

/** Builds the module into a file of its own. */
export const publishedKeysBuild = {
  entryPoints: [join(root, "core/access/published-keys.ts")],
} as const satisfies BuildOptions;

/** Where the file lies: beside a Lambda bundle; for Twilio Functions, one private asset for all. */
export const publishedKeysFile = (bundleFolder: string, target: Target): string =>
  target === "twilio" ? join(assetsFolder, "published-keys.private.js") : join(bundleFolder, FILE);

/** Makes a bundle load the module from its file. `onUse` is called if the bundle contains the import. */
export const publishedKeysApart = (target: Target, onUse: () => void): Plugin => ({
  name: "published-keys",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: MODULE }, () => {
      onUse();
      return target === "twilio"
        ? { path: FILE, namespace: IN_ASSETS }
        : { path: `./${FILE}`, external: true };
    });
    onLoad({ filter: /./, namespace: IN_ASSETS }, () => ({
      contents: `module.exports = require(Runtime.getAssets()["/${FILE}"].path);`,
    }));
  },
});
