import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { basicEntry } from "../../core/access/basic.ts";
import { root } from "../../infra/endpoints.ts";

const run = (...args: string[]) =>
  promisify(execFile)(process.execPath, [join(root, "tools/credentials.ts"), ...args]);

it("`npm run credentials` prints a 192-bit password and its entry for the configuration", async () => {
  const scopes = ["conversations:read", "conversations:write"];
  const { stdout } = await run("crm", ...scopes.flatMap((scope) => ["--scope", scope]));
  const [password = "", entry = ""] = stdout.split("\n");
  expect(Buffer.from(password, "base64url")).toHaveLength(24);
  expect(JSON.parse(entry)).toEqual({ crm: basicEntry(password, scopes) });
});

it.each([[["a:b"]], [[]], [["crm", "--scope", "everything"]], [["crm", "--what"]]])(
  "`npm run credentials` rejects %j in one line, without a stack",
  async (args) => {
    await expect(run(...args)).rejects.toMatchObject({
      code: 2,
      stderr: expect.not.stringContaining("    at "),
    });
  },
);
