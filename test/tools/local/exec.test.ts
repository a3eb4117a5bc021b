import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { packagePath, program, useExec } from "../../support/exec.ts";

/** The program of Twilio's quickstart, with the package under the given name. */
const quickstart = (name: string) =>
  program(`
  const twilio = require(${packagePath(name)});
  const client = twilio(process.env.TWILIO_ACCOUNT_SID, process.env.TWILIO_AUTH_TOKEN);
  const { conversations } = client.conversations.v1;
  (async () => {
    for (const uniqueName of ["one", "two", "three"]) await conversations.create({ uniqueName });
    const names = (await conversations.list({ pageSize: 2 })).map(({ uniqueName }) => uniqueName);
    const missing = await conversations("CH0").fetch().catch(({ status, code }) => [status, code]);
    console.log(JSON.stringify({ version: require(${packagePath(`${name}/package.json`)}).version, names, missing }));
  })();`);

describe("npm run exec", () => {
  const start = useExec();

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

  it("prints which host the proxy has refused, once", async () => {
    const file = program(`
      const { hostname: host, port } = new URL(process.env.HTTPS_PROXY);
      const request = { host, port, method: "CONNECT", path: "example.com:443", agent: false };
      const connect = () => new Promise((resolve) =>
        require("node:http").request(request).end().on("connect", (response) => resolve(response.statusCode)));
      (async () => console.log(await connect(), await connect()))();`);
    const { code, stdout, stderr } = await start("node", file).ended;
    expect({ code, stdout }).toEqual({ code: 0, stdout: "403 403\n" });
    expect(stderr).toBe(
      "The emulator is a proxy for *.twilio.com alone and does not connect to example.com.\n",
    );
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
});
