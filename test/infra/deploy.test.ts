import { execFileSync, spawn } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Authority } from "../../emulator/proxy/authority.ts";
import { answerConnect } from "../../emulator/proxy/connect.ts";
import { assetsFolder, bundleFile, endpoints, openApiFile, root } from "../../infra/endpoints.ts";
import { ServerlessApi } from "../support/serverless-api.ts";

describe("a deploy to Twilio Functions with Twilio's own tool", () => {
  const deployed = new ServerlessApi();
  const folder = mkdtempSync(join(tmpdir(), "parley-deploy-"));
  let proxy: Server;
  const clone = join(folder, "clone");
  let certificate: string;
  let output: string;
  let exitCode: number | null;

  async function deploy(): Promise<{ output: string; exitCode: number | null }> {
    const run = join(root, "node_modules/twilio-run/bin/twilio-run.js");
    const account = ["--username", `SK${"0".repeat(32)}`, "--password", "secret"];
    const child = spawn(process.execPath, [run, "deploy", "--env", join(folder, ".env"), ...account], {
      cwd: clone,
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        PATH: process.env.PATH ?? "",
        HOME: folder,
        HTTP_PROXY: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
        NODE_EXTRA_CA_CERTS: certificate,
      },
    });
    let said = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (said += chunk));
    const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
    return { output: said, exitCode: code };
  }

  beforeAll(async () => {
    const authority = new Authority(join(folder, "ca"));
    proxy = createServer().on(
      "connect",
      answerConnect(authority, (socket) => deployed.server.emit("connection", socket)),
    );
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
    writeFileSync(join(folder, ".env"), "CHAT_SERVICE_SID=ISx\nJWT_SECRET=\nAUTH_TOKEN=secret\n");
    const files = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
      cwd: root,
      encoding: "utf8",
    });
    for (const file of files.split("\0").filter((name) => name !== "" && !/^(?:test|emulator)\//.test(name)))
      cpSync(join(root, file), join(clone, file));
    symlinkSync(join(root, "node_modules"), join(clone, "node_modules"));
    certificate = authority.certificateFile;
    ({ output, exitCode } = await deploy());
  });
  afterAll(() => {
    proxy.close();
    rmSync(folder, { recursive: true });
  });

  it("succeeds in a fresh clone, where it builds the functions first", () => {
    expect(exitCode, output).toBe(0);
    expect(deployed.isDeployed).toBe(true);
  });

  it("uploads every endpoint under its path, as open as its file's name says, and as it was built", () => {
    const expected = endpoints().map((endpoint) => ({
      path: `/${endpoint.name}`,
      visibility: endpoint.isProtected ? "protected" : "public",
      content: readFileSync(bundleFile(endpoint, "twilio"), "utf8").trim(),
    }));
    const byPath = (a: { path: string }, b: { path: string }) => a.path.localeCompare(b.path);
    const actual = deployed.functions.map((one) => ({ ...one, content: one.content.trim() }));
    expect(actual.sort(byPath)).toEqual(expected.sort(byPath));
  });

  it("uploads the static files, and the description of the endpoints as it was built", () => {
    const open = deployed.assets.filter(({ visibility }) => visibility === "public");
    const built = readdirSync(assetsFolder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => `/${relative(assetsFolder, join(parentPath, name))}`);
    expect(built).toEqual(expect.arrayContaining(["/robots.txt", "/openapi.json", "/chat/index.html"]));
    expect(open.map(({ path }) => path).sort()).toEqual(built.sort());
    const description = deployed.assets.find(({ path }) => path === "/openapi.json")?.content ?? "";
    expect(JSON.parse(description)).toEqual(JSON.parse(readFileSync(openApiFile, "utf8")));
  });

  it("builds for the Node that the project is tested with, and with the runtime handler alone beside the bundles", () => {
    expect(deployed.build.get("Runtime")).toBe("node22");
    expect(deployed.build.getAll("FunctionVersions")).toHaveLength(endpoints().length);
    // JSON in a pair of quotes, as the tool sends it.
    const dependencies = JSON.parse((deployed.build.get("Dependencies") ?? "").slice(1, -1));
    expect(dependencies.map(({ name }: { name: string }) => name)).toEqual(["@twilio/runtime-handler"]);
  });

  it("sets the variables of .env that have a value, but for the account's own", () => {
    expect(deployed.variables).toEqual(["CHAT_SERVICE_SID"]);
  });

  it("stops before anything is uploaded when Twilio would refuse a variable, and names it", async () => {
    const uploaded = deployed.functions.length;
    writeFileSync(join(folder, ".env"), `CONVERSATION_RESPONDER=${"x".repeat(451)}\n`);
    const again = await deploy();
    expect(again.exitCode).not.toBe(0);
    expect(again.output).toContain("CONVERSATION_RESPONDER has 451 bytes, and Twilio takes 450");
    expect(deployed.functions).toHaveLength(uploaded);
  });
});
