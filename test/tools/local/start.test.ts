import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { root } from "../../../infra/endpoints.ts";
import { isPortTaken } from "../../../tools/local/local.ts";
import { startNode } from "../../../tools/local/process.ts";
import { callExamples, exampleValuesIn } from "./examples.ts";

const start = (...args: string[]) =>
  startNode([join(root, "tools/local/start.ts"), ...args], {
    env: { PATH: process.env.PATH ?? "" },
    isReady: (line) => line === "Ctrl-C ends everything.",
  });

const controlUrlIn = (output: string) => /http:\S+\/_emulator\b/.exec(output)?.[0] ?? "";

describe("npm start", () => {
  it("runs both demos, keeps running with working commands, and ends everything that it started", async () => {
    const process = await start("--port", "0", "--emulator-port", "0");
    const output = process.output();
    const portOf = (name: string) => Number(new RegExp(`^${name} .*:(\\d+)`, "m").exec(output)?.[1]);
    const [port, emulatorPort] = [portOf("functions"), portOf("emulator")];
    expect(output).toContain("Robert presses the button");
    expect(output).toContain("connected");

    const [, openApi = ""] = /^OpenAPI +(\S+)$/m.exec(output) ?? [];
    expect(await (await fetch(openApi)).json()).toMatchObject({ openapi: "3.1.1" });

    const authorization = /Authorization: ([^"]+)"/.exec(output)?.[1] ?? "";
    const token = await fetch(`http://localhost:${port}/token`, {
      method: "POST",
      headers: { authorization },
    });
    expect(await token.json()).toMatchObject({ identity: "alice" });
    const [, phone, message] =
      /curl -s (\S+) -H "Content-Type: application\/json" \\\n\s+-d '([^']+)'/.exec(output) ?? [];
    const sent = await fetch(phone ?? "", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: message ?? "",
    });
    expect(await sent.json()).toMatchObject({ routed: true });

    expect(output).toContain("add_person: success → announce_person");
    const [, flow = ""] = /console\/flow\.html\?flow=(FW\w+)/.exec(output) ?? [];
    const picture = await fetch(`http://127.0.0.1:${emulatorPort}/_emulator/flows/${flow}/picture`);
    expect(picture.headers.get("content-type")).toContain("svg");

    expect(await callExamples(exampleValuesIn(output), controlUrlIn(output))).toEqual([]);
    expect(process.output().slice(output.length)).toContain("conversations/connect answered requestId=");

    const [consoleUrl = ""] = /http:\S+\/console/.exec(output) ?? [];
    expect(await (await fetch(consoleUrl)).text()).toContain("<title>Parley console</title>");

    await process.stop();
    expect(await process.ended).toBe(0);
    expect(await isPortTaken(port)).toBe(false);
    expect(await isPortTaken(emulatorPort)).toBe(false);
  });

  it("runs the same on the Lambda bundles and their queues", async () => {
    const process = await start("--platform", "lambda", "--port", "0", "--emulator-port", "0");
    const output = process.output();
    expect(await callExamples(exampleValuesIn(output), controlUrlIn(output))).toEqual([]);
    expect(output).toContain("dist/lambda, behind a local gateway");
    expect(output).toContain("connected");
    const [, page = ""] = /(http:\S+\/chat\/index\.html)/.exec(output) ?? [];
    expect(await (await fetch(page)).text()).toContain("<title>");
    await process.stop();
    expect(await process.ended).toBe(0);
  });

  it("reports the port that is in use and what to do, without a stack", async () => {
    const server = createServer();
    const port = await new Promise<number>((resolve) => {
      server.listen(0, () => resolve((server.address() as { port: number }).port));
    });
    const failure = await start("--port", String(port)).catch((error: Error) => error.message);
    server.close();
    expect(failure).toContain("ended with exit code 1");
    expect(failure).toContain(`Port ${port} is in use.`);
    expect(failure).not.toMatch(/^\s+at /m);
  });

  it.each([
    [["--port", "abc"], "--port must be a port"],
    [["--platform", "azure"], "--platform must be twilio or lambda, not azure"],
    [["--port", "4796", "--emulator-port", "4796"], "--port and --emulator-port must differ"],
    [["--prot", "3000"], "Unknown option '--prot'"],
  ])("explains %j", async (args, message) => {
    await expect(start(...args)).rejects.toThrow(message);
  });
});
