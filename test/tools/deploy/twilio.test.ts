import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hashPassword } from "../../../core/access/password.ts";
import { Authority } from "../../../emulator/proxy/authority.ts";
import { answerConnect } from "../../../emulator/proxy/connect.ts";
import { assetsFolder, bundleFile, endpoints, openApiFile, root } from "../../../infra/endpoints.ts";
import { startFunctions } from "../../../tools/local/local.ts";
import { cloneTo } from "../../support/clone.ts";
import { startOnFreePort } from "../../support/platforms.ts";
import { ServerlessApi } from "../../support/serverless-api.ts";
import { exampleOf } from "../../support/settings.ts";

const account = `AC${"1".repeat(32)}`;
const apiKey = `SK${"0".repeat(32)}`;
const settings = {
  ACCOUNT_SID: account,
  AUTH_TOKEN: "the auth token of the account",
  TWILIO_API_KEY_SID: apiKey,
  TWILIO_API_KEY_SECRET: "the secret of the API key",
  CHAT_SERVICE_SID: `IS${"2".repeat(32)}`,
  JWT_SECRET: "the secret of the issuer of callers' tokens",
};

const RESPONDER = exampleOf("CONVERSATION_RESPONDER");

describe("a deploy to Twilio Functions", () => {
  const deployed = new ServerlessApi();
  const folder = mkdtempSync(join(tmpdir(), "parley-deploy-"));
  let proxy: Server;
  const clone = join(folder, "clone");
  let certificate: string;
  let output: string;
  let exitCode: number | null;

  async function run(
    args: readonly string[],
    variables: Readonly<Record<string, string>> = {},
  ): Promise<{ output: string; exitCode: number | null }> {
    const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    const child = spawn(process.execPath, args, {
      cwd: clone,
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        PATH: process.env.PATH ?? "",
        HOME: folder,
        // Twilio's tool reads the first; the preload that routes other programs through a proxy reads the second.
        HTTP_PROXY: url,
        HTTPS_PROXY: url,
        NODE_OPTIONS: `--require ${join(root, "tools/local/twilio-tunnel.cjs")}`,
        NODE_EXTRA_CA_CERTS: certificate,
        ...variables,
      },
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += chunk));
    const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
    return { output, exitCode: code };
  }
  /** With Twilio's own tool. */
  const deploy = (...args: string[]) => {
    const tool = join(root, "node_modules/twilio-run/bin/twilio-run.js");
    return run([tool, "deploy", ...args, "--username", apiKey, "--password", "secret"]);
  };
  /** `npm run deploy:twilio`. */
  const deployTwilio = (args: readonly string[], variables: Readonly<Record<string, string>> = settings) =>
    run(["tools/deploy/twilio.ts", ...args], variables);
  const variables = () => deployed.all("Variables").map(({ key }) => key);

  beforeAll(async () => {
    const authority = new Authority(join(folder, "ca"));
    proxy = createServer().on(
      "connect",
      answerConnect(
        authority,
        (socket) => deployed.server.emit("connection", socket),
        () => {},
      ),
    );
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
    writeFileSync(join(folder, ".env"), "CHAT_SERVICE_SID=ISx\nJWT_SECRET=\nAUTH_TOKEN=secret\n");
    cloneTo(clone);
    writeFileSync(join(clone, "settings.json"), JSON.stringify({ CONVERSATION_RESPONDER: RESPONDER }));
    writeFileSync(join(clone, "settings.dev.json"), JSON.stringify({ TOKEN_TTL: 7_200 }));
    certificate = authority.certificateFile;
    ({ output, exitCode } = await deploy("--env", join(folder, ".env")));
    // It builds.
  }, 240_000);
  afterAll(() => {
    proxy.close();
    rmSync(folder, { recursive: true });
  });

  it("succeeds in a fresh clone, after building the functions", () => {
    expect(exitCode, output).toBe(0);
    expect(deployed.all("Deployments")).toHaveLength(1);
  });

  it("uploads every built endpoint under its path, with the visibility of its file name", () => {
    const expected = endpoints().map((endpoint) => ({
      path: `/${endpoint.name}`,
      visibility: endpoint.isProtected ? "protected" : "public",
      content: readFileSync(bundleFile(endpoint, "twilio"), "utf8").trim(),
    }));
    const byPath = (a: { path: string }, b: { path: string }) => a.path.localeCompare(b.path);
    const actual = deployed.functions.map((one) => ({ ...one, content: one.content.trim() }));
    expect(actual.sort(byPath)).toEqual(expected.sort(byPath));
  });

  it("uploads the static files and the built OpenAPI description", () => {
    const open = deployed.assets.filter(({ visibility }) => visibility === "public");
    const built = readdirSync(assetsFolder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => `/${relative(assetsFolder, join(parentPath, name))}`)
      .filter((path) => !path.includes(".private."));
    expect(built).toEqual(
      expect.arrayContaining(["/robots.txt", "/openapi.json", "/assets/index.html", "/chat/index.html"]),
    );
    expect(open.map(({ path }) => path).sort()).toEqual(built.sort());
    const closed = deployed.assets.filter(({ visibility }) => visibility !== "public");
    expect(closed.map(({ path, visibility }) => [path, visibility]).sort()).toEqual([
      ["/published-keys.js", "private"],
      ["/settings.json", "private"],
    ]);
    const description = deployed.assets.find(({ path }) => path === "/openapi.json")?.content ?? "";
    expect(JSON.parse(description)).toEqual(JSON.parse(readFileSync(openApiFile, "utf8")));
  });

  it("builds for the tested Node version, with the runtime handler as the only dependency", () => {
    expect(deployed.build.get("Runtime")).toBe("node22");
    expect(deployed.build.getAll("FunctionVersions")).toHaveLength(endpoints().length);
    // JSON inside quotes, as the tool sends it.
    const dependencies = JSON.parse((deployed.build.get("Dependencies") ?? "").slice(1, -1));
    expect(dependencies.map(({ name }: { name: string }) => name)).toEqual(["@twilio/runtime-handler"]);
  });

  it("uploads the settings of settings.json and of settings.dev.json, of any length, as texts", () => {
    const text = deployed.assets.find(({ path }) => path === "/settings.json")?.content ?? "";
    const settings = { CONVERSATION_RESPONDER: JSON.stringify(RESPONDER), TOKEN_TTL: "7200" };
    expect(JSON.parse(text)).toEqual(settings);
    expect(settings.CONVERSATION_RESPONDER.length).toBeGreaterThan(450);
  });

  it("sets the non-empty variables of .env, except the account's credentials", () => {
    expect(variables()).toEqual(["CHAT_SERVICE_SID"]);
  });

  it("stops before the upload when Twilio would reject a variable, and names it", async () => {
    const uploaded = deployed.functions.length;
    writeFileSync(join(folder, ".env"), `CONVERSATION_RESPONDER=${"x".repeat(451)}\n`);
    const again = await deploy("--env", join(folder, ".env"));
    expect(again.exitCode).not.toBe(0);
    expect(again.output).toContain("CONVERSATION_RESPONDER has 451 bytes, and Twilio accepts 450");
    expect(deployed.functions).toHaveLength(uploaded);
  });

  it("needs no .env", async () => {
    const { output, exitCode: code } = await deploy();
    expect(code, output).toBe(0);
    expect(deployed.all("Deployments")).toHaveLength(2);
  });

  describe("with npm run deploy:twilio", () => {
    it.each([
      ["a terminal for the confirmation", [], settings, "Pass --webhooks or --no-webhooks"],
      ["a setting", ["--no-webhooks"], { ...settings, CHAT_SERVICE_SID: "" }, "CHAT_SERVICE_SID is missing"],
      [
        "Twilio's API instead of an emulator's",
        ["--no-webhooks"],
        { ...settings, TWILIO_BASE_URL: "http://127.0.0.1:1" },
        "TWILIO_BASE_URL names an emulator",
      ],
      [
        "room for all variables",
        ["--no-webhooks"],
        { ...settings, CORS_ORIGINS: `https://${"a".repeat(3_000)}.example.com` },
        "All variables together have 3",
      ],
      [
        "an environment",
        ["--rollback", "--environment", "stage"],
        settings,
        "no environment stage, only dev",
      ],
      ["one environment", ["--production", "--environment", "stage"], settings, "not both"],
    ])("stops before the upload without %s", async (_what, args, given, message) => {
      const before = deployed.functions.length;
      const { output, exitCode: code } = await deployTwilio(args, given);
      expect({ code, output }).toEqual({ code: 1, output: expect.stringContaining(message) });
      expect(deployed.functions).toHaveLength(before);
    });

    it("deploys from the process's variables, deletes empty ones, and names missing ones", async () => {
      for (const key of ["GUESTS", "TOKEN_TTL", "MINE"]) deployed.setVariable(key, "true");
      const { output, exitCode: code } = await deployTwilio(["--no-webhooks"], {
        ...settings,
        GUESTS: "",
      });
      expect(code, output).toBe(0);
      expect(output).toContain("Deleted there: GUESTS");
      expect(output).toContain("Set there and missing here: TOKEN_TTL, MINE. --prune deletes them.");
      expect(output).toContain("https://parley-1-dev.twil.io/webhooks/post-event");
      for (const secret of [settings.AUTH_TOKEN, settings.TWILIO_API_KEY_SECRET, settings.JWT_SECRET])
        expect(output).not.toContain(secret);
      expect(variables().sort()).toEqual(
        [
          "CHAT_SERVICE_SID",
          "JWT_SECRET",
          "MINE",
          "TOKEN_TTL",
          "TWILIO_API_KEY_SECRET",
          "TWILIO_API_KEY_SID",
        ].sort(),
      );
    });

    it("deletes variables that are missing locally with --prune", async () => {
      const { output, exitCode: code } = await deployTwilio(["--no-webhooks", "--prune"]);
      expect(code, output).toBe(0);
      expect(variables()).not.toContain("MINE");
    });

    it("splits a value that is too long, which the functions join, and deletes parts that are left over", async () => {
      const hash = await hashPassword("correct horse");
      const deployUsers = (count: number) => {
        const users = Array.from({ length: count }, (_, one) => [`user ${one}`, hash]);
        const TOKEN_SERVICE_USERS = JSON.stringify(Object.fromEntries(users));
        return deployTwilio(["--no-webhooks"], { ...settings, TOKEN_SERVICE_USERS });
      };
      expect((await deployUsers(12)).exitCode).toBe(0);
      expect(variables()).toEqual(expect.arrayContaining(["TOKEN_SERVICE_USERS_2", "TOKEN_SERVICE_USERS_3"]));
      expect((await deployUsers(6)).output).toContain("Deleted there: TOKEN_SERVICE_USERS_3\n");
      const cloud = deployed.all("Variables").map(({ key, value }) => [String(key), String(value)]);
      const functions = await startOnFreePort((port) =>
        startFunctions({ ...settings, ...Object.fromEntries(cloud) }, port, { folder: clone }),
      );
      try {
        const query = new URLSearchParams({ identity: "user 5", password: "correct horse" });
        const { status } = await fetch(`${functions.url}/token-service?${query}`);
        expect(status, functions.output()).toBe(200);
      } finally {
        await functions.stop();
      }
    });

    it("activates the previous deployment", async () => {
      const [newest, before] = deployed.all("Deployments").toReversed();
      const { output, exitCode: code } = await deployTwilio(["--rollback"]);
      expect(code, output).toBe(0);
      expect(output).toContain("were not rolled back");
      const active = deployed.all("Environments")[0]?.build_sid;
      expect(active).toBe(before?.build_sid);
      expect(active).not.toBe(newest?.build_sid);
    });
  });
});
