import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { root } from "../../infra/endpoints.ts";

const NAME = "users/rename-me";
const PAGE = `docs/endpoints/${NAME}.md`;

describe("npm run new, in a copy of the tree", () => {
  const copy = mkdtempSync(join(tmpdir(), "parley-new-"));
  const run = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: copy, encoding: "utf8" });
    return { status, output: `${stdout}${stderr}` };
  };

  beforeAll(() => {
    const left = new Set(["node_modules", "dist", ".git"].map((name) => join(root, name)));
    cpSync(root, copy, { recursive: true, filter: (path) => !left.has(path) });
    symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
  });
  afterAll(() => rmSync(copy, { recursive: true }));

  it("creates everything but the example of its page with npm run new", () => {
    expect(run("tools/new/main.ts", NAME)).toMatchObject({ status: 0 });
    const made = [`handlers/${NAME}.ts`, `test/handlers/${NAME}.test.ts`, `functions/${NAME}.ts`, PAGE];
    expect(made.filter((file) => !existsSync(join(copy, file)))).toEqual([]);
    expect(readFileSync(join(copy, "infra/template.yaml"), "utf8")).toContain(`Path: /${NAME} }`);
  });

  it("rejects an existing name, and one that cannot be part of a URL", () => {
    expect(run("tools/new/main.ts", NAME)).toMatchObject({
      status: 2,
      output: expect.stringContaining("already exists"),
    });
    for (const name of ["../x", "users/Rename", "a/b/c", ""]) {
      expect(run("tools/new/main.ts", name)).toMatchObject({ status: 2 });
    }
  });
});
