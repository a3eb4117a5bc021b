import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startEmulator } from "../../../emulator/emulator.ts";
import { endpoints, targetsOf } from "../../../infra/endpoints.ts";
import { TestAccount } from "../../emulator/support/emulator.ts";
import { cloneTo, copyBuildTo } from "../../support/clone.ts";
import { asked, DeployedQueue } from "../../support/deployed-queue.ts";
import { LambdaRuntime, runtimeClient } from "../../support/lambda-runtime.ts";
import { Moto, missingForMoto, REGION } from "../../support/moto.ts";
import { accountVariables, exampleOf } from "../../support/settings.ts";

const PRE_EVENT_RULES = JSON.stringify({
  blockedWords: ["late"],
  exceptAuthors: ['"bot"', "it's", "\\bot\\"],
});
const RESPONDER = exampleOf("CONVERSATION_RESPONDER");

const missing = missingForMoto();
const title = "npm run deploy:aws, to an emulator of AWS";
if (missing.length > 0)
  process.stderr.write(`Not tested on this machine: ${title}, for lack of ${missing.join("; ")}\n`);
const client = runtimeClient();
if (client === undefined)
  process.stderr.write(
    "The bundles run under a loop instead of AWS's runtime interface client: npm install --no-save aws-lambda-ric\n",
  );

describe.runIf(missing.length === 0)(title, { timeout: 300_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), "parley-aws-"));
  const clone = join(folder, "clone");
  let cloud: Moto;
  let account: TestAccount;
  let settings: Readonly<Record<string, string>>;

  beforeAll(async () => {
    account = new TestAccount(await startEmulator({ joining: 0 }));
    const { emulator } = account;
    settings = {
      ...accountVariables(emulator),
      JWT_SECRET: "the secret of the issuer of callers' tokens",
      PRE_EVENT_RULES,
    };
    cloneTo(clone);
    copyBuildTo(clone);
    writeFileSync(join(clone, "settings.json"), JSON.stringify({ CONVERSATION_RESPONDER: RESPONDER }));
    cloud = await Moto.start(folder);
  }, 150_000);
  afterAll(async () => {
    await account.close();
    cloud.stop();
    rmSync(folder, { recursive: true });
  });

  async function deploy(variables: Readonly<Record<string, string>>, ...args: string[]) {
    const tool = join(clone, "tools/deploy/aws.ts");
    const child = spawn(process.execPath, [tool, "--no-webhooks", ...args], {
      env: { ...cloud.env, ...variables },
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (output += text));
    const [status] = await once(child, "close");
    return { status: status as number | null, output };
  }
  async function aws(...args: string[]) {
    // The AWS CLI reads the region under this name.
    const variables = { ...cloud.env, AWS_DEFAULT_REGION: REGION };
    return JSON.parse(
      (await promisify(execFile)("aws", [...args, "--output", "json"], { env: variables })).stdout,
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
    const { status, output } = await deploy({ ...settings, LOG_RETENTION_DAYS: "90" });
    expect(status, output).toBe(0);
    expect(output).toContain("Created the secret parley/settings.");
    expect(output).toContain("https://api.example/conversations/connect");
    const { CHAT_SERVICE_SID, PRE_EVENT_RULES: _, ...secrets } = settings;
    expect(await secret()).toEqual(secrets);
    const all = await environments(/./);
    const bundles = endpoints().flatMap((one) => targetsOf(one).filter((target) => target !== "twilio"));
    // And that of the static files.
    expect(all).toHaveLength(bundles.length + 1);
    expect(new Set(all.map((one) => one.CHAT_SERVICE_SID))).toEqual(new Set([CHAT_SERVICE_SID]));
    const [moderation] = await environments(/^Moderation before publication/);
    expect(JSON.parse(moderation?.PRE_EVENT_RULES ?? "")).toEqual(JSON.parse(PRE_EVENT_RULES));
    const { logGroups } = await aws("logs", "describe-log-groups");
    expect(logGroups).toContainEqual(expect.objectContaining({ retentionInDays: 90 }));
  });

  describe("runs an event", () => {
    const conversationQueue = "WebhooksConversationQueue";
    const runtimes: LambdaRuntime[] = [];
    let system: DeployedQueue;
    let secrets: Awaited<ReturnType<Moto["startSecretsExtension"]>>;

    beforeAll(async () => {
      secrets = await cloud.startSecretsExtension();
      const start = async (name: string, description: RegExp) => {
        const [variables] = await environments(description);
        const environment = {
          ...variables,
          AWS_ACCESS_KEY_ID: "test",
          AWS_SECRET_ACCESS_KEY: "test",
          AWS_REGION: REGION,
          PARAMETERS_SECRETS_EXTENSION_HTTP_PORT: String(secrets.port),
          TWILIO_BASE_URL: account.emulator.url,
          // Moto gives queues the addresses that they have at AWS.
          ...(variables?.EVENT_QUEUE_URL !== undefined && {
            EVENT_QUEUE_URL: `${cloud.url}${new URL(variables.EVENT_QUEUE_URL).pathname}`,
          }),
        };
        const runtime = await LambdaRuntime.start(
          { folder: join(clone, "dist/lambda", name), variables: environment },
          client,
        );
        runtimes.push(runtime);
        return runtime;
      };
      const front = await start("webhooks/conversation", /^The responder of one conversation/);
      const consumer = await start(
        "webhooks/conversation-consumer",
        /^Handles the queued events of webhooks\/conversation/,
      );
      // Moto polls itself, and has no function to invoke.
      const { EventSourceMappings: all } = await aws("lambda", "list-event-source-mappings");
      const mappings = all as { UUID: string; EventSourceArn: string }[];
      const own = mappings.filter(({ EventSourceArn }) =>
        EventSourceArn.endsWith(`-${conversationQueue}.fifo`),
      );
      expect(own).toMatchObject([{ BatchSize: 1 }]);
      for (const { UUID } of own)
        await aws("lambda", "update-event-source-mapping", "--uuid", UUID, "--no-enabled");
      system = await DeployedQueue.find(cloud, conversationQueue, { front, consumer });
    });
    afterAll(async () => {
      await Promise.all(runtimes.map((runtime) => runtime.stop()));
      secrets?.stop();
    });

    it("from the API through SQS to Twilio once, although it is delivered twice within and after the time of deduplication", async () => {
      const { conversation, event } = await asked(account, "whatsapp:+15558675311", "What are your hours?");
      const send = (token: string) => system.send(account.emulator.authToken, event, token);
      expect(await send("first")).toMatchObject({ statusCode: 200, body: '{"status":"queued"}' });
      expect(await send("first")).toMatchObject({ statusCode: 200 });
      expect(await system.drain()).toEqual([{ attempt: 1, isHandled: true }]);
      expect(await send("second")).toMatchObject({ statusCode: 200 });
      expect(await system.drain()).toEqual([{ attempt: 1, isHandled: true }]);
      const texts = (await conversation.messages.list()).map(({ body }) => body);
      expect(texts).toEqual(["What are your hours?", "We are here from nine to five."]);
      expect(await system.countDead()).toBe(0);
    });

    it("not if its signature is invalid", async () => {
      const { event } = await asked(account, "whatsapp:+15558675312", "hours");
      expect(await system.send("the auth token of another account", event, "third")).toMatchObject({
        statusCode: 403,
      });
      expect(await system.drain()).toEqual([]);
    });

    it("behind a message that always fails, which becomes a dead letter after four attempts", async () => {
      const { conversation, event } = await asked(account, "whatsapp:+15558675313", "hours");
      await system.put(event.ConversationSid, "not an event");
      await system.send(account.emulator.authToken, event, "fourth");
      expect(await system.drain()).toEqual([
        ...[1, 2, 3, 4].map((attempt) => ({ attempt, isHandled: false })),
        { attempt: 1, isHandled: true },
      ]);
      expect(await system.countDead()).toBe(1);
      expect((await conversation.messages.list()).map(({ body }) => body)).toHaveLength(2);
    });
  });

  it("changes only what differs, and deletes from the secret what is given empty", async () => {
    const { JWT_SECRET: _, ...others } = settings;
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
    const { status, output } = await deploy({ ...settings, AWS_ENDPOINT_URL: "http://127.0.0.1:1" });
    expect(status).toBe(1);
    expect(output).toContain("Could not connect to the endpoint URL");
  });
});
