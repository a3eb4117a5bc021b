import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { drawFlow } from "../../emulator/studio/picture.ts";
import { validateDefinition } from "../../emulator/studio/validation.ts";
import { root } from "../../infra/endpoints.ts";
import { type Flow, PLACEHOLDER, pointFlowAt, type State, SUBFLOW } from "../../infra/studio/flow.ts";
import { readFlows } from "../../infra/studio/read.ts";
import { type Descriptions, describeEndpoints } from "../../tools/reference/description.ts";
import { lintFlow } from "../../tools/studio/lint.ts";

const flows = [...readFlows()];
const TWILIO = "https://parley-1234-dev.twil.io";
const ELSEWHERE = "https://abc.execute-api.eu-central-1.amazonaws.com/prod";

let endpoints: Descriptions;
beforeAll(async () => {
  endpoints = await describeEndpoints();
}, 60_000);

describe.each(flows)("the flow %s", (file, flow) => {
  it.each([
    ["as it is kept", flow],
    ["for Twilio Functions", pointFlowAt(flow, { widget: "run-function", baseUrl: TWILIO })],
    ["for elsewhere", pointFlowAt(flow, { widget: "make-http-request", baseUrl: ELSEWHERE })],
  ])("passes validation and the linter, %s", (_where, variant) => {
    expect(validateDefinition(variant)).toEqual([]);
    expect(lintFlow(variant, endpoints)).toEqual([]);
  });

  it("has an up-to-date diagram in docs/studio: npm run studio -- draw infra/studio/*.json --out docs/studio writes it", () => {
    const picture = readFileSync(join(root, "docs/studio", file.replace(".json", ".svg")), "utf8");
    expect(picture).toBe(`${drawFlow(flow as never)}\n`);
    expect(readFileSync(join(root, "docs/studio.md"), "utf8")).toContain(
      `studio/${file.replace(".json", ".svg")}`,
    );
  });
});

describe("the linter", () => {
  const base = readFlows().get("bot-first.json") as Flow;
  const change = (name: string, to: (state: State) => object): Flow => ({
    ...base,
    states: base.states.map((state) => (state.name === name ? { ...state, ...to(state) } : state)),
  });
  const without = (event: string) => (state: State) => ({
    transitions: state.transitions.map((one) => (one.event === event ? { event } : one)),
  });
  const properties = (more: object) => (state: State) => ({ properties: { ...state.properties, ...more } });

  it.each([
    [
      "a missing failure branch",
      change("add_person", without("fail")),
      "add_person",
      /"fail" has no next step/,
    ],
    [
      "an unhandled answer",
      change("menu", without("incomingMessage")),
      "menu",
      /the answer to the question is lost/,
    ],
    ["an unreachable step", change("menu", without("timeout")), "reminder", /no step leads here/],
    [
      "an unset variable",
      change("hours", properties({ body: "{{flow.variables.x}}" })),
      "hours",
      /no step sets flow.variables.x/,
    ],
    [
      "a missing step",
      change("hours", properties({ body: "{{widgets.none.parsed.x}}" })),
      "hours",
      /there is no step none/,
    ],
    [
      "an unknown answer",
      change("hours", properties({ body: "{{widgets.add_person.parsed.sid}}" })),
      "hours",
      /transfer answers no sid/,
    ],
    [
      "an unknown parameter",
      change(
        "add_person",
        properties({
          parameters: [
            { key: "conversationSid", value: "" },
            { key: "name", value: "" },
          ],
        }),
      ),
      "add_person",
      /transfer has no field name/,
    ],
    [
      "a missing parameter",
      change("add_person", properties({ parameters: [] })),
      "add_person",
      /transfer needs conversationSid/,
    ],
    [
      "a step without a key",
      change("announce_person", properties({ parameters: [{ key: "conversationSid", value: "" }] })),
      "announce_person",
      /without idempotencyKey/,
    ],
  ])("finds %s", (_what, flow, state, message) => {
    expect(lintFlow(flow, endpoints)).toContainEqual({ state, message: expect.stringMatching(message) });
  });
});

describe("pointFlowAt", () => {
  it.each(flows)("replaces every placeholder in %s", (_file, flow) => {
    expect(JSON.stringify(flow)).toContain(PLACEHOLDER);
    for (const widget of ["run-function", "make-http-request"] as const) {
      expect(JSON.stringify(pointFlowAt(flow, { widget, baseUrl: ELSEWHERE }))).not.toContain(PLACEHOLDER);
    }
  });
});

describe("npm run studio", () => {
  const folder = mkdtempSync(join(tmpdir(), "parley-studio-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const main = join(root, "tools/studio/main.ts");
  const spawn = (args: readonly string[], input = "") => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], {
      encoding: "utf8",
      input,
    });
    return { status, stdout, stderr };
  };
  const run = (...args: string[]) => spawn(args);
  const chat = (input: string, file: string) => spawn(["run", file], input);
  const written = (out: string) =>
    readdirSync(out)
      .sort()
      .map((file) => JSON.parse(readFileSync(join(out, file), "utf8")) as Flow);
  const stepsIn = (out: string) =>
    written(out).flatMap(({ states }) => states.filter(({ properties }) => properties.url !== undefined));

  it("writes all flows for Twilio Functions, with the given SIDs", () => {
    const out = join(folder, "a/b");
    const sids = ["--service-sid", `ZS${"1".repeat(32)}`, "--environment-sid", `ZE${"2".repeat(32)}`];
    expect(run("--base-url", `${TWILIO}/`, "--out", out, ...sids)).toMatchObject({ status: 0, stderr: "" });
    expect(readdirSync(out).sort()).toEqual(flows.map(([file]) => file));
    for (const { type, properties } of stepsIn(out)) {
      expect(type).toBe("run-function");
      expect(properties.url).toMatch(/^https:\/\/parley-1234-dev\.twil\.io\/[a-z]/);
      expect(properties).toMatchObject({
        service_sid: `ZS${"1".repeat(32)}`,
        environment_sid: `ZE${"2".repeat(32)}`,
      });
    }
  });

  it("writes requests for AWS Lambda, with the stage in the URL and the form that Twilio signs", () => {
    const out = join(folder, "lambda");
    expect(run("--base-url", ELSEWHERE, "--out", out).status).toBe(0);
    for (const { type, properties, transitions } of stepsIn(out)) {
      expect(type).toBe("make-http-request");
      expect(properties.url?.startsWith(`${ELSEWHERE}/`)).toBe(true);
      expect(properties).toMatchObject({
        method: "POST",
        content_type: "application/x-www-form-urlencoded;charset=utf-8",
      });
      expect(transitions.map(({ event }) => event).sort()).toEqual(["failed", "success"]);
    }
  });

  it("accepts plain HTTP on localhost only", () => {
    const out = join(folder, "local");
    expect(run("--base-url", "http://localhost:3000", "--out", out).status).toBe(0);
    expect(stepsIn(out)[0]?.properties.url).toMatch(/^http:\/\/localhost:3000\//);
  });

  it("prints its usage", () => {
    expect(run("--help")).toMatchObject({ status: 0, stderr: "" });
    expect(run("--help").stdout).toContain("--base-url");
  });

  it.each([
    [[], /--base-url is missing[\s\S]*npm run studio/],
    [["--base-url", "parley.example.com"], /must be a URL/],
    [["--base-url", "http://parley.example.com"], /must begin with https/],
    [["--base-url", "http://localhost.example.com"], /must begin with https/],
    [["--base-url", "ftp://localhost"], /must begin with https/],
    [["--base-url", "https://a:b@parley.example.com"], /without credentials/],
    [["--base-url", "https://parley.example.com/?stage=1"], /without credentials, query/],
    [["--base-url", TWILIO, "--service-sid", `ZS${"1".repeat(32)}`], /must be passed together/],
    [["--base-url", TWILIO, "--service-sid", "IS1", "--environment-sid", "ZE1"], /--service-sid must be ZS/],
    [
      [
        "--base-url",
        ELSEWHERE,
        "--service-sid",
        `ZS${"1".repeat(32)}`,
        "--environment-sid",
        `ZE${"1".repeat(32)}`,
      ],
      /twil\.io/,
    ],
    [["--base-uri", TWILIO], /Unknown option '--base-uri'/],
  ])("rejects %j, and writes nothing", (args, message) => {
    const out = join(folder, "nothing");
    const { status, stderr } = run(...args, "--out", out);
    expect(status).toBe(2);
    expect(stderr).toMatch(message);
    expect(existsSync(out)).toBe(false);
  });

  it("reports when it cannot write", () => {
    const file = join(folder, "a file");
    writeFileSync(file, "");
    expect(run("--base-url", TWILIO, "--out", file)).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/^--out: .* is a file, not a folder\.$/m),
    });
    expect(run("--base-url", TWILIO, "--out", join(file, "below"))).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/^--out: the folder .* cannot be created \(ENOTDIR\)\.$/m),
    });
  });

  it("fills in the subflow's SID", () => {
    const out = join(folder, "subflow");
    const sid = `FW${"3".repeat(32)}`;
    const { stdout } = run("--base-url", TWILIO, "--out", out);
    expect(stdout).toMatch(/courier-chat\.json .*needs --subflow-sid/);
    expect(run("--base-url", TWILIO, "--out", out, "--subflow-sid", sid).stdout).not.toContain("needs");
    const text = readFileSync(join(out, "courier-chat.json"), "utf8");
    expect([text.includes(sid), text.includes(SUBFLOW)]).toEqual([true, false]);
  });

  const kept = (file: string) => join(root, "infra/studio", file);

  it("checks flows, and names the file and state of each error", () => {
    const file = join(folder, "odd.json");
    const odd = readFileSync(kept("bot-first.json"), "utf8").replace('"timeout": "3600"', '"timeout": 3600');
    writeFileSync(file, odd);
    const { status, stdout } = run("check", kept("survey.json"), file);
    expect(status).toBe(1);
    expect(stdout).toContain("survey.json   valid, 15 steps");
    expect(stdout).toContain("invalid  #/states/1/properties/timeout (menu): integer found, string expected");
    writeFileSync(file, "{");
    expect(run("check", file)).toMatchObject({ status: 2, stderr: expect.stringMatching(/is not JSON/) });
    expect(run("check").status).toBe(2);
    const missing = join(folder, "missing.json");
    expect(run("check", missing)).toMatchObject({
      status: 2,
      stderr: `The flow: ${missing} does not exist.\n`,
    });
  });

  it("runs a flow in the terminal, as a chat", () => {
    const input = "Hello\n1\nHello\n/wait PT1H\n";
    const { status, stdout } = chat(input, kept("bot-first.json"));
    expect(status).toBe(0);
    expect(stdout).toContain("    menu: incomingMessage → check_choice\n");
    expect(stdout.match(/^< .*$/gm)).toEqual([
      "< Hello! Reply 1 for our opening hours, or 2 to talk to a person.",
      "< We are here from nine to five, Monday to Friday.",
      "< Hello! Reply 1 for our opening hours, or 2 to talk to a person.",
      "< I am still here. Write whenever you like.",
    ]);
  });

  it("runs a flow that is started only by messages to a number", () => {
    const file = join(folder, "by-number.json");
    const flow = readFlows().get("bot-first.json") as Flow;
    const [trigger, ...steps] = flow.states;
    const transitions = [{ event: "incomingMessage", next: "menu" }];
    writeFileSync(file, JSON.stringify({ ...flow, states: [{ ...trigger, transitions }, ...steps] }));
    const { status, stdout } = chat("Hello\n1\n", file);
    expect(status).toBe(0);
    expect(stdout).toContain("    Trigger: incomingMessage → menu\n");
    expect(stdout).toContain("< We are here from nine to five, Monday to Friday.\n");
  });

  it.each([
    [["run"], /Which flow/],
    [["run", kept("survey.json"), "--emulator", "http://127.0.0.1:1"], /no emulator answers/],
    [["run", kept("survey.json"), "--parameters", "5"], /--parameters: Invalid parameter Parameters/],
  ])("rejects %j", (args, message) => {
    expect(run(...args)).toMatchObject({ status: 2, stderr: expect.stringMatching(message) });
  });
});
