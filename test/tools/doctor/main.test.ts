import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { root } from "../../../infra/endpoints.ts";
import { useAccount } from "../../emulator/support/emulator.ts";
import { validSettings } from "../../support/settings.ts";

const fixture = useAccount();
const folder = mkdtempSync(join(tmpdir(), "parley-doctor-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("npm run doctor", () => {
  const run = (...args: string[]) =>
    spawnSync(process.execPath, [join(root, "tools/doctor/main.ts"), "--offline", ...args], {
      env: { PATH: process.env.PATH },
      encoding: "utf8",
    });

  it.each([
    ["--base-url=ftp://a", "--base-url must be an https URL"],
    ["--base-url=notaurl", "--base-url must be an https URL"],
    ["--base-url=http://example.com", "--base-url must be an https URL"],
    ["--base-url=http://localhost:1?a=b", "--base-url must be an https URL without a query"],
    ["--nosuch", "Unknown option '--nosuch'"],
  ])("rejects %s", (option, message) => {
    const { status, stderr } = run(option);
    expect(status).toBe(2);
    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  it("names the file of a wrong setting, without a description of what is correct", () => {
    const file = join(folder, "wrong.env");
    writeFileSync(file, "GUESTS=maybe\nJWT_JWKS_URL=https://issuer.example.com/keys\n");
    const { stdout } = run("--env", file);
    expect(stdout).toContain('GUESTS (wrong.env) must be "true" or "false"');
    expect(stdout).toMatch(/^WRONG {2}settings$/m);
  });

  it("prints JSON with advice, exits with 1, and prints no secret", () => {
    const file = join(folder, ".env");
    const lines = Object.entries({
      ...validSettings(fixture.current.emulator),
      ...{ TWILIO_API_KEY_SECRET: "", TOKEN_TTL: "5" },
    });
    writeFileSync(file, lines.map(([name, value]) => `${name}=${value}\n`).join(""));
    const { status, stdout } = run("--json", "--env", file);
    expect(status).toBe(1);
    expect(JSON.parse(stdout).results).toContainEqual(
      expect.objectContaining({ check: "contradictions", status: "wrong", advice: expect.any(String) }),
    );
    expect(stdout).toContain("TOKEN_TTL (.env) must lie between 1200 and 86400");
    expect(stdout).not.toContain(fixture.current.emulator.authToken);
  });
});
