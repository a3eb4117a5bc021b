import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { root } from "../../../infra/endpoints.ts";
import { useAccount } from "../../emulator/support/emulator.ts";
import { settingsOf, write } from "./support.ts";

const fixture = useAccount();
const WITH_PASSWORD = "https://parley:opensesame@parley.example.com/all";

/** `npm run account`, with the emulator's settings in a file. */
function start(args: readonly string[], settings: Readonly<Record<string, string>> = {}) {
  const lines = Object.entries({ ...settingsOf(fixture.current.emulator), ...settings });
  const env = write("settings.env", lines.map(([name, value]) => `${name}=${value}\n`).join(""));
  const child = spawn(process.execPath, [join(root, "infra/account/main.ts"), ...args, "--env", env], {
    env: { PATH: process.env.PATH },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (output += text));
  const ended = once(child, "close").then(([code]) => ({ code: code as number | null, output }));
  return { child, ended };
}
const run = (...args: string[]) => start(args).ended;

describe("npm run account", () => {
  it("plans, applies and reports drift from the default file by exit codes", async () => {
    expect(await run("drift")).toMatchObject({
      code: 2,
      output: expect.stringContaining("2 to create, 3 to update"),
    });
    expect(await run("apply")).toMatchObject({ code: 0, output: expect.stringContaining("5 changes made.") });
    expect(await run("drift")).toMatchObject({
      code: 0,
      output: expect.stringContaining("No differences."),
    });
    const { v1 } = fixture.current.client.conversations;
    await v1
      .services(fixture.current.emulator.chatServiceSid)
      .configuration.webhooks()
      .update({ preWebhookUrl: "" });
    const { code, output } = await run("drift");
    expect(code).toBe(2);
    expect(output).toContain("preWebhookUrl: (none) → https://parley-1234-dev.twil.io/webhooks/pre-event");
  });

  it("removes the permissions with which chat users could write the handlers' records", async () => {
    await run("apply");
    const roles = await fixture.current.client.conversations.v1.roles.list();
    const permissions = new Map(roles.map(({ friendlyName, permissions }) => [friendlyName, permissions]));
    for (const name of ["service user", "channel user", "channel admin"]) {
      for (const taken of ["createConversation", "editConversationAttributes", "editAnyMessageAttributes"])
        expect(permissions.get(name), name).not.toContain(taken);
    }
    expect(permissions.get("service admin")).toContain("editConversationAttributes");
  });

  it.each([
    ["--file", "/nowhere/account.json", "--file: /nowhere/account.json does not exist."],
    ["--file", root, `--file: ${root} is a folder, not a file.`],
    ["--file", join(root, "README.md"), `--file: ${join(root, "README.md")} is not JSON`],
  ])("says in one sentence what is wrong with %s %s", async (option, path, message) => {
    const { code, output } = await run("plan", option, path);
    expect(code).toBe(1);
    expect(output).toContain(message);
    expect(output).not.toMatch(/^ {4}at /m);
  });

  it("says in one sentence that it cannot write the file", async () => {
    const { code, output } = await run("pull", "--file", "/nowhere/account.json");
    expect({ code, output }).toEqual({
      code: 1,
      output: "--file: /nowhere/account.json cannot be written (ENOENT).\n",
    });
  });

  it("stops before deletions without a terminal, and names the flag", async () => {
    const { v1 } = fixture.current.client.conversations;
    await v1.configuration.webhooks().update({ postWebhookUrl: WITH_PASSWORD, filters: ["onMessageAdded"] });
    const file = write("empty.json", { webhooks: { postWebhookUrl: "" }, defaults: { closedTimer: "P1D" } });
    const { code, output } = await run("apply", "--file", file);
    expect(code).toBe(1);
    expect(output).toContain("--yes");
    expect(output).not.toContain("opensesame");
    expect(await v1.configuration().fetch()).toMatchObject({ defaultClosedTimer: null });
    expect(await run("apply", "--file", file, "--yes")).toMatchObject({ code: 0 });
    expect(await v1.configuration.webhooks().fetch()).toMatchObject({ postWebhookUrl: null });
  });

  it("writes the file from the account, without passwords, and finds no difference afterwards", async () => {
    await run("apply");
    const { v1 } = fixture.current.client.conversations;
    await v1.configuration.webhooks().update({ postWebhookUrl: WITH_PASSWORD, filters: ["onMessageAdded"] });
    const file = write("pulled.json", "{}");
    expect(await run("pull", "--file", file)).toMatchObject({
      code: 1,
      output: expect.stringContaining("--force"),
    });
    expect(await run("pull", "--file", file, "--force")).toMatchObject({ code: 0 });
    expect(readFileSync(file, "utf8")).toContain(`parley:\${WEBHOOK_PASSWORD}@parley.example.com`);
    const settings = { WEBHOOK_PASSWORD: "opensesame" };
    expect(await start(["drift", "--file", file], settings).ended).toMatchObject({ code: 0 });
  });

  it("never prints the values of secret variables", async () => {
    const file = write("secret.json", {
      webhooks: { postWebhookUrl: `https://parley.example.com/\${HOOK_SECRET}` },
    });
    const { code, output } = await start(["plan", "--file", file], { HOOK_SECRET: "open-sesame-open" }).ended;
    expect(code).toBe(0);
    expect(output).toContain("https://parley.example.com/***");
    expect(output).not.toContain("open-sesame-open");
  });

  it.each([
    [["plans"], "Unknown command: plans"],
    [["plan", "--prun"], "--prun"],
    [["plan", "--base-url", "parley.example.com"], "--base-url must be an https URL"],
    [["plan", "--file", "none.json"], "none.json"],
    [[], "npm run account -- plan | apply | drift | pull"],
  ])("explains %j", async (args, message) => {
    expect(await run(...args)).toMatchObject({ code: 1, output: expect.stringContaining(message) });
  });

  it("fails with Twilio's message when the credentials are wrong", async () => {
    const settings = { AUTH_TOKEN: "ffffffffffffffffffffffffffffffff" };
    const { code, output } = await start(["drift"], settings).ended;
    expect(code).toBe(1);
    expect(output).toMatch(/Twilio rejected GET .* code 20003/);
    expect(output).not.toContain(settings.AUTH_TOKEN);
  });

  it("completes the current request on Ctrl-C, and the rest when run again", async () => {
    const match = { path: "/v1/Configuration/Addresses", method: "POST" };
    await fixture.current.fault({
      on: "request",
      match,
      effect: "delay",
      when: "before",
      duration: "PT1H",
      times: 1,
    });
    const { child, ended } = start(["apply"]);
    await new Promise<void>((resolve) => {
      child.stdout.on("data", (text) => String(text).includes("create the address") && resolve());
    });
    child.kill("SIGINT");
    await new Promise<void>((resolve) => {
      child.stderr.on("data", (text) => String(text).includes("Stopping") && resolve());
    });
    await fixture.current.control("DELETE", "/faults");
    expect(await ended).toMatchObject({
      code: 130,
      output: expect.stringContaining("Run the command again"),
    });
    expect(await run("apply")).toMatchObject({ code: 0, output: expect.stringContaining("1 change made.") });
  });
});
