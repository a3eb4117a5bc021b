// Loaded before a process of a test: keeps what Node makes of TypeScript by stripping types, so that it is made once for each
// file and not by each process. That takes half of the start of a command.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import * as nodeModule from "node:module";
import { fileURLToPath } from "node:url";

const folder = new URL(`../../node_modules/.cache/stripped/${process.version}/`, import.meta.url);

/** The text of a file without its types. */
function strip(source) {
  const file = new URL(`${createHash("sha1").update(source).digest("hex")}.js`, folder);
  try {
    return readFileSync(file, "utf8");
  } catch {
    const text = withoutWarning(() => nodeModule.stripTypeScriptTypes(source));
    mkdirSync(folder, { recursive: true });
    // Another process may read it now.
    const own = new URL(`${file.href}.${process.pid}`);
    writeFileSync(own, text);
    renameSync(own, file);
    return text;
  }
}

/** Node warns that the function is experimental; for the same work at an import it does not. */
function withoutWarning(call) {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    return call();
  } finally {
    process.emitWarning = emitWarning;
  }
}

// A program under test may run with an older Node, which has no hooks and runs no TypeScript.
nodeModule.registerHooks?.({
  load(url, context, nextLoad) {
    if (!url.startsWith("file:") || !url.endsWith(".ts")) return nextLoad(url, context);
    const source = strip(readFileSync(fileURLToPath(url), "utf8"));
    return { format: "module", source, shortCircuit: true };
  },
});
