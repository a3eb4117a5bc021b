import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { runMain, temporaryDirectory } from "../../emulator/support/process.ts";
import { chromiumPath } from "../../support/chromium.ts";

const exec = fileURLToPath(new URL("../../../tools/local/exec.ts", import.meta.url));
const started: ChildProcess[] = [];

afterEach(() => {
  for (const child of started.splice(0)) child.kill("SIGKILL");
});

/** A cache directory for all tests: making the certificates takes longer than most of them. */
let cache: string | undefined;
afterAll(() => rmSync(cache ?? "", { recursive: true, force: true }));

/** Runs a command through `npm run exec`. */
function start(...args: string[]) {
  cache ??= mkdtempSync(join(tmpdir(), "parley-exec-"));
  const env = { ...process.env, XDG_CACHE_HOME: cache };
  const child = spawn(process.execPath, [exec, ...args], { env, stdio: ["ignore", "pipe", "pipe"] });
  started.push(child);
  const output = { stdout: "", stderr: "" };
  child.stdout.on("data", (chunk) => (output.stdout += chunk));
  child.stderr.on("data", (chunk) => (output.stderr += chunk));
  const ended = once(child, "close").then(([code]) => ({ code: code as number | null, ...output }));
  return { child, ended };
}

/** A CommonJS program that is unaware of the emulator. */
function program(text: string): string {
  const file = join(temporaryDirectory(), "program.cjs");
  writeFileSync(file, text);
  return file;
}

/** The program of Twilio's quickstart, with the package under the given name. */
const quickstart = (name: string) =>
  program(`
  const twilio = require(${JSON.stringify(fileURLToPath(new URL(`../../../node_modules/${name}`, import.meta.url)))});
  const client = twilio(process.env.TWILIO_ACCOUNT_SID, process.env.TWILIO_AUTH_TOKEN);
  const { conversations } = client.conversations.v1;
  (async () => {
    for (const uniqueName of ["one", "two", "three"]) await conversations.create({ uniqueName });
    const names = (await conversations.list({ pageSize: 2 })).map(({ uniqueName }) => uniqueName);
    const missing = await conversations("CH0").fetch().catch(({ status, code }) => [status, code]);
    console.log(JSON.stringify({ version: require(${JSON.stringify(
      fileURLToPath(new URL(`../../../node_modules/${name}/package.json`, import.meta.url)),
    )}).version, names, missing }));
  })();`);

describe("npm run exec", () => {
  it.each([
    ["twilio", /^6\./],
    ["twilio-5", /^5\./],
  ])("runs a program that uses the package %s, unchanged", async (name, version) => {
    const { code, stdout, stderr } = await start("node", quickstart(name)).ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(JSON.parse(stdout)).toEqual({
      version: expect.stringMatching(version),
      names: ["one", "two", "three"],
      missing: [404, 20404],
    });
  });

  it("sets the proxy and the CA certificates for other programs", async () => {
    // Without curl, a Node program represents clients that read HTTPS_PROXY and a CA bundle.
    const hasCurl = spawnSync("curl", ["--version"]).status === 0;
    const url = "https://conversations.twilio.com/v1/Conversations";
    const command = hasCurl
      ? ["sh", "-c", `curl -sS -u "$TWILIO_ACCOUNT_SID:$TWILIO_AUTH_TOKEN" ${url}`]
      : [
          "node",
          program(`
          const { env } = process, { request } = require("node:http"), https = require("node:https");
          const proxy = new URL(env.https_proxy), ca = require("node:fs").readFileSync(env.SSL_CERT_FILE);
          const { hostname: host, port } = proxy;
          request({ host, port, method: "CONNECT", path: "conversations.twilio.com:443" }).end().on("connect", (_, socket) =>
            https.get(${JSON.stringify(url)}, { socket, agent: false, ca, auth: env.TWILIO_ACCOUNT_SID + ":" + env.TWILIO_AUTH_TOKEN },
              (response) => response.pipe(process.stdout)));`),
        ];
    const { code, stdout, stderr } = await start(...command).ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(JSON.parse(stdout)).toMatchObject({ conversations: [], meta: { key: "conversations" } });
  });

  it("reaches the emulator from Node's own clients, also without the environment", async () => {
    const file = program(`
      if (process.argv[2] === "worker") return console.log(process.env.HTTPS_PROXY);
      const url = "https://conversations.twilio.com/v1/Conversations";
      const { TWILIO_ACCOUNT_SID: sid, TWILIO_AUTH_TOKEN: token } = process.env;
      const headers = { authorization: "Basic " + Buffer.from(sid + ":" + token).toString("base64") };
      const get = () => new Promise((resolve, reject) =>
        require("node:https").get(url, { headers, agent: false }, (r) => resolve(r.resume().statusCode)).on("error", reject));
      (async () => {
        const results = [(await fetch(url, { headers })).status, await get()];
        for (const name of Object.keys(process.env)) delete process.env[name];
        results.push(await get());
        const worker = require("node:child_process").fork(__filename, ["worker"], { silent: true });
        worker.stdout.once("data", (text) => console.log(JSON.stringify([...results, String(text).slice(0, 7)])));
      })();`);
    const { code, stdout, stderr } = await start("node", "--no-warnings", file).ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(JSON.parse(stdout)).toEqual([200, 200, 200, "http://"]);
  });

  it("runs the user's node, not the project's", async () => {
    const { stdout } = await start("sh", "-c", 'echo "$PATH"').ended;
    expect(stdout).not.toContain(fileURLToPath(new URL("../../../node_modules/.bin", import.meta.url)));
  });

  it("forwards arguments, standard output and the exit code", async () => {
    const file = program(`console.log(process.argv.slice(2).join("|")); process.exit(42);`);
    const { code, stdout } = await start("node", file, "--help", "a b").ended;
    expect({ code, stdout }).toEqual({ code: 42, stdout: "--help|a b\n" });
  });

  it.each(["SIGINT", "SIGTERM"] as const)("forwards %s, and ends all its processes", async (signal) => {
    const file = program(`
      setInterval(() => {}, 1000);
      console.log(process.env.HTTPS_PROXY);`);
    const { child, ended } = start("node", file);
    const url = await new Promise<string>((resolve) =>
      child.stdout?.once("data", (data) => resolve(String(data).trim())),
    );
    expect((await fetch(`${url}/_emulator/info`)).status).toBe(200);
    child.kill(signal);
    expect(await ended).toMatchObject({ code: signal === "SIGINT" ? 130 : 143, stderr: "" });
    await expect(fetch(`${url}/_emulator/info`)).rejects.toThrow();
  });

  it("uses an emulator that is already running", async () => {
    const { ready } = runMain("--proxy", "--data", temporaryDirectory());
    const { url, caFile } = await ready;
    const file = program(`console.log(process.env.http_proxy, process.env.NODE_EXTRA_CA_CERTS);`);
    const { code, stdout } = await start("--emulator", url, "node", file).ended;
    expect({ code, stdout }).toEqual({ code: 0, stdout: `${url} ${caFile}\n` });
    expect((await fetch(`${url}/_emulator/info`)).status).toBe(200);
  });

  it.each([
    [[], 2, "npm run exec"],
    [["--help"], 0, "npm run exec"],
    [["--emulater", "x"], 2, "Unknown option --emulater"],
    [["--emulator", "x"], 2, "--emulator must be a URL"],
    [["--emulator", "http://127.0.0.1:1", "true"], 2, "No emulator answers at http://127.0.0.1:1"],
    [["no-such-command"], 2, "Command not found: no-such-command"],
  ])("prints usage or an error: %j", async (args, exitCode, text) => {
    const { code, stdout, stderr } = await start(...args).ended;
    expect(code).toBe(exitCode);
    expect(stdout + stderr).toContain(text);
  });

  it("runs a program that uses Twilio's JavaScript SDK, unchanged", async () => {
    const path = (name: string) =>
      JSON.stringify(fileURLToPath(new URL(`../../../node_modules/${name}`, import.meta.url)));
    const chat = program(`
      const { Client } = require(${path("@twilio/conversations")});
      const { AccessToken } = require(${path("twilio")}).jwt;
      (async () => {
        const { apiKeySid, apiKeySecret, accountSid, chatServiceSid } = await (
          await fetch(process.env.HTTP_PROXY + "/_emulator/info")
        ).json();
        const token = new AccessToken(accountSid, apiKeySid, apiKeySecret, { identity: "alice" });
        token.addGrant(new AccessToken.ChatGrant({ serviceSid: chatServiceSid }));
        const client = new Client(token.toJwt());
        await new Promise((resolve, reject) => {
          client.on("initialized", resolve);
          client.on("initFailed", ({ error }) => reject(error));
        });
        const room = await client.createConversation({ friendlyName: "room" });
        await room.join();
        const heard = new Promise((resolve) => client.on("messageAdded", resolve));
        await room.getMessages();
        const file = { contentType: "text/plain", filename: "a.txt", media: "a file" };
        await room.prepareMessage().setBody("hello").addMedia(file).build().send();
        const { body, attachedMedia } = await heard;
        console.log(JSON.stringify([body, attachedMedia[0].size, await attachedMedia[0].getContentTemporaryUrl()]));
        process.exit();
      })();`);
    const { code, stdout, stderr } = await start("node", chat).ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const [body, size, url] = JSON.parse(stdout);
    expect([body, size, url]).toEqual([
      "hello",
      6,
      expect.stringMatching(/^https:\/\/media\.us1\.twilio\.com\/ME/),
    ]);
  });

  it.skipIf(chromiumPath === undefined)("passes Chromium the flags for the emulator", async () => {
    const url = "https://media.us1.twilio.com/ME0";
    const quiet = ["--headless", "--no-sandbox", "--disable-gpu", "--dump-dom"];
    const { code, stdout } = await start(String(chromiumPath), ...quiet, url).ended;
    expect(code).toBe(0);
    expect(stdout).toContain("20404");
  });

  it.skipIf(chromiumPath === undefined)("passes them to the Chromium that Playwright starts", async () => {
    const path = fileURLToPath(new URL("../../../node_modules/playwright-core", import.meta.url));
    const test = program(`
      const { chromium } = require(${JSON.stringify(path)});
      (async () => {
        const executablePath = ${JSON.stringify(chromiumPath)};
        const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
        const page = await browser.newPage();
        const answer = await page.goto("https://media.us1.twilio.com/ME0");
        console.log(answer.status());
        await browser.close();
      })();`);
    const { code, stdout } = await start("node", test).ended;
    expect({ code, stdout: stdout.trim() }).toEqual({ code: 0, stdout: "404" });
  });
});
