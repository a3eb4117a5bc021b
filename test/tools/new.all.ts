import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { root } from "../../infra/endpoints.ts";

const NAME = "users/rename-me";
const PAGE = `docs/endpoints/${NAME}.md`;

describe("the steps in CONTRIBUTING for a new handler, in a copy of the tree", () => {
  const copy = mkdtempSync(join(tmpdir(), "parley-new-"));
  const run = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: copy, encoding: "utf8" });
    return { status, output: `${stdout}${stderr}` };
  };
  const edit = (file: string, change: (text: string) => string) =>
    writeFileSync(join(copy, file), change(readFileSync(join(copy, file), "utf8")));

  beforeAll(() => {
    const left = new Set(["node_modules", "dist", ".git"].map((name) => join(root, name)));
    cpSync(root, copy, { recursive: true, filter: (path) => !left.has(path) });
    symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
  });
  afterAll(() => rmSync(copy, { recursive: true }));

  it("end with all checks passed", () => {
    expect(run("tools/new/main.ts", NAME)).toMatchObject({ status: 0 });
    edit(PAGE, (page) =>
      page
        .replace(
          "Describe in one sentence what this endpoint does.",
          "Reports whether a conversation exists.",
        )
        .replace(`'{"conversationSid":""}'`, `'{"conversationSid": "CH…"}'`)
        .replace("# {}", '# {"status":"found","conversationSid":"CH…"}'),
    );
    edit("CHANGELOG.md", (text) => `${text}\n- \`${NAME}\`.\n`);
    expect(run("tools/reference/main.ts")).toMatchObject({ status: 0 });
    expect(run("tools/build/main.ts", "--quiet")).toMatchObject({ status: 0, output: "" });
    const files = ["architecture", "tools/reference/reference", "infra/template", `handlers/${NAME}`];
    const result = run("node_modules/vitest/vitest.mjs", "run", ...files.map((file) => `test/${file}`));
    expect(result.output).not.toMatch(/FAIL/);
    expect(result.status).toBe(0);
  }, 300_000);
});
