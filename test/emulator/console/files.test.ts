import { readdirSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { buildEmulator } from "../../../tools/build/emulator.ts";
import { useAccount } from "../support/emulator.ts";
import { runMain, runProgram, temporaryDirectory } from "../support/process.ts";

const fixture = useAccount();
const root = fileURLToPath(new URL("../../..", import.meta.url));
const names = readdirSync(join(root, "emulator/console/page")).filter((name) => name !== "tsconfig.json");

const types: Record<string, string> = {
  html: "text/html; charset=utf-8",
  css: "text/css; charset=utf-8",
  svg: "image/svg+xml",
  ts: "text/javascript; charset=utf-8",
};

/** Asks for every file of the page, and checks that each can be run or shown. */
async function checkFiles(consoleUrl: string): Promise<void> {
  for (const name of names) {
    const response = await fetch(`${consoleUrl}/${name}`);
    expect(response.status, name).toBe(200);
    expect(response.headers.get("content-type")).toBe(types[name.split(".").at(-1) ?? ""]);
    const text = await response.text();
    expect(text).not.toBe("");
    if (name.endsWith(".ts")) expect(text).not.toMatch(/^(export )?interface |^import type /m);
  }
}

describe("the console's files", () => {
  it("are served with a policy that forbids other origins", async () => {
    const { consoleUrl } = fixture.current.emulator;
    await checkFiles(consoleUrl);
    const page = await fetch(consoleUrl);
    expect(await page.text()).toBe(await (await fetch(`${consoleUrl}/index.html`)).text());
    const policy = page.headers.get("content-security-policy");
    expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(page.headers.get("x-content-type-options")).toBe("nosniff");
  });

  it.each([
    ["GET", "/console/nothing.ts", {}, 404],
    ["GET", "/console/tsconfig.json", {}, 404],
    ["GET", "/console/..%2Ffiles.ts", {}, 404],
    ["GET", "/console/%2e%2e%2ffiles.ts", {}, 404],
    ["GET", "/console/__proto__", {}, 404],
    ["POST", "/console", {}, 405],
    ["GET", "/console", { Host: "emulator.example.com" }, 403],
    ["GET", "/console/main.ts", { Origin: "https://example.com" }, 403],
    ["GET", "/_emulator/stream", { Origin: "https://example.com" }, 403],
    ["GET", "/console", { Host: "conversations.twilio.com" }, 401],
  ])("%s %s %j is refused: %i", async (method, path, headers, status) => {
    const url = `${fixture.current.emulator.url}${path}`;
    const answer = await new Promise((resolve, reject) => {
      const outgoing = request(url, { method, headers, agent: false }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      outgoing.on("error", reject).end();
    });
    expect(answer).toBe(status);
  });

  it("are linked from the emulator's own address", async () => {
    const { url } = fixture.current.emulator;
    const welcome = await (await fetch(url)).text();
    expect(welcome).toContain("This is an emulator of Twilio Conversations");
    for (const [, path] of welcome.matchAll(/(?:href|src)="([^"]+)"/g))
      expect((await fetch(`${url}${path}`)).status, path).toBe(200);
  });

  it("are there for the emulator that runs from its sources, without a warning", async () => {
    const { child, ready, exit } = runMain();
    await checkFiles((await ready).consoleUrl);
    child.kill("SIGTERM");
    expect(await exit).toMatchObject({ code: 0, stderr: "" });
  });

  it("are in its bundle, which needs no other file", async () => {
    const outfile = join(temporaryDirectory(), "emulator.cjs");
    await buildEmulator(outfile);
    const { child, ready, exit } = runProgram(outfile);
    await checkFiles((await ready).consoleUrl);
    child.kill("SIGTERM");
    expect(await exit).toMatchObject({ code: 0, stderr: "" });
  });
});
