import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Ajv } from "ajv";
import type { GenericSchema } from "valibot";
import { afterAll, describe, expect, it } from "vitest";
import type { Handler } from "../../core/handler.ts";
import { endpoints, root } from "../../infra/endpoints.ts";
import { type Flow, PLACEHOLDER, pointFlowAt, readFlows, type State } from "../../infra/studio/flow.ts";
import { readSources } from "../../tools/reference/source.ts";
import { flowSchema, WIDGETS } from "../support/studio-schema.ts";

const flows = [...readFlows()];
const sources = readSources(endpoints()).byName;
const TWILIO = "https://parley-1234-dev.twil.io";
const ELSEWHERE = "https://abc.execute-api.eu-central-1.amazonaws.com/prod";

/** Variables of Studio that our flows use, besides those of their own steps. */
const STUDIO_VARIABLES = [
  /^flow\.(data\.\w+|flow_sid|channel\.address)$/,
  /^contact\.channel\.address$/,
  /^trigger\.conversation\.(ConversationSid|MessageSid)$/,
  /^trigger\.message\.(InstanceSid|ChannelSid)$/,
];

const stepsOf = ({ states }: Flow) => states.filter(({ type }) => type === "run-function");
const endpointOf = (state: State | undefined) => state?.properties.url?.replace(`${PLACEHOLDER}/`, "") ?? "";
const nextOf = (state: State) => state.transitions.flatMap(({ next }) => next ?? []);

/** Everything between double braces in a flow. */
const variablesOf = (flow: Flow): string[] =>
  [...JSON.stringify(flow).matchAll(/\{\{(.*?)\}\}/g)].map(([, name]) => name ?? "");

function reachable(flow: Flow, from = flow.initial_state, seen = new Set<string>()): Set<string> {
  if (seen.has(from)) return seen;
  seen.add(from);
  for (const state of flow.states.filter(({ name }) => name === from))
    for (const next of nextOf(state)) reachable(flow, next, seen);
  return seen;
}

describe.each(flows)("the flow %s", (_file, flow) => {
  const names = flow.states.map(({ name }) => name);
  const stateOf = (name: string) => flow.states.find((state) => state.name === name);

  it.each([
    ["as it is kept", flow],
    ["for Twilio Functions", pointFlowAt(flow, { widget: "run-function", baseUrl: TWILIO })],
    ["for elsewhere", pointFlowAt(flow, { widget: "make-http-request", baseUrl: ELSEWHERE })],
  ])("has the form that Studio imports, %s", (_where, variant) => {
    const validate = new Ajv({ discriminator: true, allErrors: true }).compile(flowSchema);
    expect(validate(variant) ? [] : validate.errors).toEqual([]);
    for (const { type, name, transitions } of variant.states) {
      const events = transitions.map(({ event }) => event);
      expect(new Set(events), name).toEqual(new Set(WIDGETS[type]?.events));
      expect(events.filter((event) => event !== "match").length, name).toBe(
        new Set(events.filter((event) => event !== "match")).size,
      );
    }
  });

  it("names each step once, begins with the trigger, and gets everywhere", () => {
    expect(new Set(names).size).toBe(names.length);
    expect(stateOf(flow.initial_state)?.type).toBe("trigger");
    expect(flow.states.flatMap(nextOf).filter((next) => !names.includes(next))).toEqual([]);
    expect([...reachable(flow)].sort()).toEqual([...names].sort());
  });

  it("sends each endpoint all that it needs, and nothing that it does not know", async () => {
    expect(stepsOf(flow).length).toBeGreaterThan(0);
    for (const step of stepsOf(flow)) {
      const fields = await inputOf(endpointOf(step));
      const given = (step.properties.parameters ?? []).map(({ key }) => key);
      expect(new Set(given).size, step.name).toBe(given.length);
      expect(
        given.filter((key) => !Object.hasOwn(fields, key)),
        step.name,
      ).toEqual([]);
      const needed = Object.keys(fields).filter((key) => fields[key]?.type !== "optional");
      expect(
        needed.filter((key) => !given.includes(key)),
        step.name,
      ).toEqual([]);
    }
  });

  it("reads nothing but what Studio, its own steps and the endpoints give", () => {
    const strays = variablesOf(flow).filter((variable) => {
      const [, name = "", source, field = "", ...rest] = variable.split(".");
      if (!variable.startsWith("widgets.")) return !STUDIO_VARIABLES.some((known) => known.test(variable));
      const state = stateOf(name);
      if (source === "inbound") return state?.type !== "send-and-wait-for-reply" || field !== "Body";
      return source !== "parsed" || rest.length > 0 || !outputsOf(endpointOf(state)).includes(field);
    });
    expect(strays).toEqual([]);
  });
});

/** The fields that may stand behind `parsed.`: all that the endpoint's type names. */
function outputsOf(endpoint: string): string[] {
  const output = sources.get(endpoint)?.output;
  return output?.kind === "fields" ? output.fields.map(({ name }) => name) : [];
}

async function inputOf(endpoint: string): Promise<Record<string, GenericSchema>> {
  const { input } = (await import(join(root, "handlers", `${endpoint}.ts`))).default as Handler;
  return (input as GenericSchema & { entries: Record<string, GenericSchema> }).entries;
}

describe("pointFlowAt", () => {
  it.each(flows)("leaves no placeholder in %s", (_file, flow) => {
    expect(JSON.stringify(flow)).toContain(PLACEHOLDER);
    for (const widget of ["run-function", "make-http-request"] as const) {
      expect(JSON.stringify(pointFlowAt(flow, { widget, baseUrl: ELSEWHERE }))).not.toContain(PLACEHOLDER);
    }
  });
});

describe("npm run studio", () => {
  const folder = mkdtempSync(join(tmpdir(), "parley-studio-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const run = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [join(root, "infra/studio/main.ts"), ...args],
      {
        encoding: "utf8",
      },
    );
    return { status, stdout, stderr };
  };
  const written = (out: string) =>
    readdirSync(out)
      .sort()
      .map((file) => JSON.parse(readFileSync(join(out, file), "utf8")) as Flow);
  const stepsIn = (out: string) =>
    written(out).flatMap(({ states }) => states.filter(({ properties }) => properties.url !== undefined));

  it("writes all flows for Twilio Functions, with the SIDs that are given", () => {
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

  it("takes plain HTTP on this machine alone", () => {
    const out = join(folder, "local");
    expect(run("--base-url", "http://localhost:3000", "--out", out).status).toBe(0);
    expect(stepsIn(out)[0]?.properties.url).toMatch(/^http:\/\/localhost:3000\//);
  });

  it("says how it is used", () => {
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
    [["--base-url", TWILIO, "--service-sid", `ZS${"1".repeat(32)}`], /belong together/],
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
  ])("refuses %j, and writes nothing", (args, message) => {
    const out = join(folder, "nothing");
    const { status, stderr } = run(...args, "--out", out);
    expect(status).toBe(2);
    expect(stderr).toMatch(message);
    expect(existsSync(out)).toBe(false);
  });

  it("says when it cannot write", () => {
    const file = join(folder, "a file");
    writeFileSync(file, "");
    expect(run("--base-url", TWILIO, "--out", file)).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/^--out: /),
    });
  });
});
