import { execFileSync } from "node:child_process";
import { cpSync, symlinkSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../infra/endpoints.ts";

/** Copies the project without its tests, as a checkout of the current state has it, and its installed packages. */
export function cloneTo(folder: string): void {
  const files = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
    cwd: root,
    encoding: "utf8",
  });
  for (const file of files.split("\0").filter((name) => name !== "" && !name.startsWith("test/")))
    cpSync(join(root, file), join(folder, file));
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
}

/** Copies the built output to such a copy, which then need not build. */
export function copyBuildTo(folder: string): void {
  cpSync(join(root, "dist"), join(folder, "dist"), { recursive: true });
  const now = Date.now() / 1_000;
  utimesSync(join(folder, "dist/twilio/assets/openapi.json"), now, now);
}
