import { type ChildProcess, execFile, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { endpoints, root, targetsOf } from "../../../infra/endpoints.ts";
import { freePort } from "../../../tools/local/local.ts";

const SETTINGS = {
  ACCOUNT_SID: `AC${"1".repeat(32)}`,
  AUTH_TOKEN: "the auth token of the account",
  TWILIO_API_KEY_SID: `SK${"0".repeat(32)}`,
  TWILIO_API_KEY_SECRET: "the secret of the API key",
  CHAT_SERVICE_SID: `IS${"2".repeat(32)}`,
  JWT_SECRET: "the secret of the issuer of callers' tokens",
  CONVERSATION_RESPONDER: JSON.stringify({
    openingHours: {
      timeZone: "Europe/Berlin",
      week: {},
      closedText: 'We say "closed" here, it\'s \\late\\.',
    },
  }),
};

const missing = [
  ["aws", "--version"],
  ["moto_server", "--help"],
  ["python3", "-c", "import samtranslator, boto3, tomllib"],
].filter(([program = "", ...args]) => spawnSync(program, args).status !== 0);
const title = "npm run deploy:aws, to an emulator of AWS";
const lacking = missing.map((command) => command.join(" ")).join("; ");
if (missing.length > 0)
  process.stderr.write(`Not tested on this machine: ${title}, for lack of ${lacking}\n`);

describe.runIf(missing.length === 0)(title, { timeout: 300_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), "parley-aws-"));
  let cloud: ChildProcess;
  let env: NodeJS.ProcessEnv;

  beforeAll(async () => {
    const port = await freePort();
    // Nothing reads its log, which grows with each request.
    cloud = spawn("moto_server", ["-H", "127.0.0.1", "-p", String(port)], { stdio: "ignore" });
    const isUp = () => fetch(`http://127.0.0.1:${port}/`).then(({ ok }) => expect(ok).toBe(true));
    await vi.waitFor(isUp, { timeout: 50_000, interval: 200 });
    const sam = join(folder, "sam");
    writeFileSync(sam, `#!/bin/sh\nexec python3 '${join(root, "test/support/sam.py")}' "$@"\n`);
    chmodSync(sam, 0o755);
    env = {
      PATH: `${folder}:${process.env.PATH}`,
      HOME: process.env.HOME,
      AWS_ACCESS_KEY_ID: "test",
      AWS_SECRET_ACCESS_KEY: "test",
      AWS_REGION: "eu-central-1",
      AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
    };
  });
  afterAll(() => {
    cloud.kill();
    rmSync(folder, { recursive: true });
  });

  async function deploy(settings: Readonly<Record<string, string>>, ...args: string[]) {
    const tool = join(root, "tools/deploy/aws.ts");
    const child = spawn(process.execPath, [tool, "--no-webhooks", ...args], { env: { ...env, ...settings } });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (output += text));
    const [status] = await once(child, "close");
    return { status: status as number | null, output };
  }
  async function aws(...args: string[]) {
    // The AWS CLI reads the region under this name.
    const settings = { ...env, AWS_DEFAULT_REGION: env.AWS_REGION };
    return JSON.parse(
      (await promisify(execFile)("aws", [...args, "--output", "json"], { env: settings })).stdout,
    );
  }
  async function secret(): Promise<unknown> {
    const { SecretString } = await aws(
      "secretsmanager",
      "get-secret-value",
      "--secret-id",
      "parley/settings",
    );
    return JSON.parse(SecretString);
  }
  /** The environments of the functions whose description matches. */
  async function environments(description: RegExp): Promise<Record<string, string>[]> {
    const { Functions: all } = await aws("lambda", "list-functions");
    return (all as { Description: string; Environment: { Variables: Record<string, string> } }[])
      .filter((one) => description.test(one.Description))
      .map((one) => one.Environment.Variables);
  }

  it("makes the secret and every function, with their settings", async () => {
    const { status, output } = await deploy({ ...SETTINGS, LOG_RETENTION_DAYS: "90" });
    expect(status, output).toBe(0);
    expect(output).toContain("Created the secret parley/settings.");
    expect(output).toContain("https://api.example/conversations/connect");
    const { CHAT_SERVICE_SID, CONVERSATION_RESPONDER, ...secrets } = SETTINGS;
    expect(await secret()).toEqual(secrets);
    const all = await environments(/./);
    const bundles = endpoints().flatMap((one) => targetsOf(one).filter((target) => target !== "twilio"));
    expect(all).toHaveLength(bundles.length);
    expect(new Set(all.map((one) => one.CHAT_SERVICE_SID))).toEqual(new Set([CHAT_SERVICE_SID]));
    const [responder] = await environments(/^Handles the queued events of webhooks\/conversation/);
    expect(JSON.parse(responder?.CONVERSATION_RESPONDER ?? "")).toEqual(JSON.parse(CONVERSATION_RESPONDER));
    const { logGroups } = await aws("logs", "describe-log-groups");
    expect(logGroups).toContainEqual(expect.objectContaining({ retentionInDays: 90 }));
  });

  it("changes only what differs, and deletes from the secret what is given empty", async () => {
    const { JWT_SECRET: _, ...others } = SETTINGS;
    const fewer = {
      ...{ ...others, AUTH_TOKEN: "another auth token", JWT_JWKS_URL: "https://issuer.example/keys" },
      ...{ JWT_ISSUER: "https://issuer.example", JWT_AUDIENCE: "chat" },
    };
    const state = { STATE_SECRET: "the secret of stored state" };
    const first = await deploy({ ...fewer, ...state, JWT_SECRET: "" });
    expect(first.status, first.output).toBe(0);
    expect(first.output).toContain("Deleted from the secret: JWT_SECRET");
    expect(await secret()).toMatchObject({ AUTH_TOKEN: fewer.AUTH_TOKEN, ...state });
    expect(await secret()).not.toHaveProperty("JWT_SECRET");
    expect((await environments(/./)).filter((one) => one.JWT_ISSUER === fewer.JWT_ISSUER)).not.toEqual([]);

    const second = await deploy(fewer);
    expect(second.status, second.output).toBe(0);
    expect(second.output).toContain("Set in the secret and missing here: STATE_SECRET");
    expect(second.output).not.toContain("the secret parley/settings.");
    const third = await deploy(fewer, "--prune");
    expect(third.output).toContain("Deleted from the secret: STATE_SECRET");
    expect(await secret()).not.toHaveProperty("STATE_SECRET");
  });

  it("stops when AWS cannot be reached, with the AWS CLI's message", async () => {
    const { status, output } = await deploy({ ...SETTINGS, AWS_ENDPOINT_URL: "http://127.0.0.1:1" });
    expect(status).toBe(1);
    expect(output).toContain("Could not connect to the endpoint URL");
  });
});
