import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { runMain, temporaryDirectory } from "./support/process.ts";

describe("the command", () => {
  it("prints one line of JSON, answers at its URL, and ends cleanly on a signal", async () => {
    const { child, ready, exit } = runMain("--port", "0", "--clock", "manual");
    const info = await ready;
    expect(info).toEqual({
      url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      controlUrl: `${info.url}/_emulator`,
      consoleUrl: `${info.url}/console`,
      accountSid: expect.stringMatching(/^AC[0-9a-f]{32}$/),
      authToken: expect.stringMatching(/^[0-9a-f]{32}$/),
      apiKeySid: expect.stringMatching(/^SK[0-9a-f]{32}$/),
      apiKeySecret: expect.stringMatching(/^[0-9a-f]{32}$/),
      chatServiceSid: expect.stringMatching(/^IS[0-9a-f]{32}$/),
      messagingServiceSid: expect.stringMatching(/^MG[0-9a-f]{32}$/),
      smsNumber: "+15017122661",
      whatsappNumber: "whatsapp:+14155238886",
    });
    const clock = await fetch(`${info.controlUrl}/clock`);
    expect(await clock.json()).toMatchObject({ mode: "manual" });
    const rules = await fetch(`${info.controlUrl}/rules`);
    expect(await rules.json()).toEqual({ a2p: false, sandbox: false, joining: 700 });
    child.kill("SIGTERM");
    expect(await exit).toMatchObject({ code: 0, stderr: "" });
    expect((await exit).stdout.trim().split("\n")).toHaveLength(1);
  });

  it("reads the account's credentials from its arguments", async () => {
    const accountSid = `AC${"1".repeat(32)}`;
    const { ready } = runMain("--account-sid", accountSid, "--auth-token", "secret");
    expect(await ready).toMatchObject({ accountSid, authToken: "secret" });
  });

  it("reports in one line that the port is in use", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const { code, stdout, stderr } = await runMain("--port", String(port)).exit;
    server.close();
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toBe("The port is in use. Choose another with --port, or 0 for any.\n");
  });

  it.each([
    [["--prot", "1"], "--prot"],
    [["--port", "many"], "--port"],
    [["--port", "70000"], "--port"],
    [["--clock", "sun"], "--clock"],
    [["--joining", "soon"], "--joining"],
    [["--account-sid", "me"], "--account-sid"],
    [["extra"], "extra"],
  ])("refuses %j and names what is wrong", async (args, named) => {
    const { code, stdout, stderr } = await runMain(...args).exit;
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(named);
    expect(stderr).not.toContain(" at ");
  });

  it.each([
    ["/proc/nothing/here", "cannot be created (ENOENT)"],
    [`${fileURLToPath(import.meta.url)}/here`, "cannot be created (ENOTDIR)"],
    [fileURLToPath(import.meta.url), "is a file"],
  ])("reports in one line that the state cannot be stored in %s", async (directory, reason) => {
    const { code, stdout, stderr } = await runMain("--data", directory).exit;
    expect({ code, stdout, lines: stderr.trim().split("\n").length }).toEqual({
      code: 1,
      stdout: "",
      lines: 1,
    });
    expect(stderr).toContain(reason);
  });

  it("limits rates, has the rules of A2P, the sandbox and joining, and is a proxy by its options", async () => {
    const { ready } = runMain(
      "--rate-limits",
      "--a2p",
      "--sandbox",
      "--joining",
      "40",
      "--clock",
      "manual",
      "--proxy",
      "--data",
      temporaryDirectory(),
    );
    const { url, controlUrl, accountSid, authToken, caFile } = await ready;
    expect(caFile).toMatch(/ca\.pem$/);
    expect(await (await fetch(`${controlUrl}/rules`)).json()).toMatchObject({
      a2p: true,
      sandbox: true,
      joining: 40,
    });
    const Authorization = `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString("base64")}`;
    const create = () => fetch(`${url}/v1/Conversations`, { method: "POST", headers: { Authorization } });
    const answers = await Promise.all(Array.from({ length: 80 }, create));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201, 429]));
  });

  it("explains itself", async () => {
    expect(await runMain("--help").exit).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("--port N"),
    });
  });
});
