import { randomBytes } from "node:crypto";
import { parseArgs, styleText } from "node:util";
import { SignJWT } from "jose";
import { hashPassword } from "../../core/access/password.ts";
import { UserError } from "../../infra/account/user-error.ts";
import { readValidSettings } from "../../infra/settings/read.ts";
import { writeSettings } from "../build/settings.ts";
import { buildWhenStale } from "../build/stale.ts";
import { runBotDemo } from "./bot-demo.ts";
import { openChat } from "./chat.ts";
import { CUSTOMER, call, runCourierDemo } from "./courier-demo.ts";
import { createExamples, type ExampleValues, MORE_NUMBERS } from "./examples.ts";
import { startLambda } from "./lambda/lambda.ts";
import { type EmulatorInfo, freePort, isPortTaken, startEmulatorProcess, startFunctions } from "./local.ts";
import { lineReader } from "./log-line.ts";
import { endWithNpm, type NodeProcess } from "./process.ts";

const HELP = `npm start [-- options]

Starts the emulator of Twilio Conversations and the functions, runs two demos, the courier introduction of
Twilio's WhatsApp guide and a Studio flow that hands over to an agent, and keeps running for you to try. Ctrl-C ends
everything.

  --platform NAME     twilio: the bundles of dist/twilio in Twilio's local runtime (the default); lambda: those of dist/lambda
                      behind a local gateway and queues
  --port N            Port of the functions (3000); 0: any free port
  --emulator-port N   Port of the emulator (4010); 0: any free port
  --help              This text`;

/** Settings of settings.json that name the deployment's own issuer, address and region. */
const DEPLOYED_ONLY = /^(JWT_|TWILIO_|PUBLIC_BASE_URL$)/;
const children: NodeProcess[] = [];
let isEnding = false;

async function main(): Promise<void> {
  const options = readOptions();
  if (options === undefined) {
    console.log(HELP);
    return;
  }
  const { platform, ports } = options;
  for (const [option, port] of Object.entries(ports)) {
    if (port !== 0 && (await isPortTaken(port))) {
      throw new UserError(
        `Port ${port} is in use. Stop the process that listens there, or choose another port: npm start -- --${option} ${port + 1}`,
      );
    }
  }
  buildWhenStale("--quiet");
  const { texts, variables: all } = await readValidSettings({});
  const local = Object.entries(texts).filter(([name]) => !DEPLOYED_ONLY.test(name));
  await writeSettings({ texts: Object.fromEntries(local), variables: all });
  process.once("SIGINT", () => void end(0));
  process.once("SIGTERM", () => void end(0));
  endWithNpm(() => void end(0));

  const port = ports.port || (await freePort());
  const chatPage = `http://localhost:${port}/chat/index.html`;
  const emulator = keep(
    "The emulator",
    await startEmulatorProcess("--port", String(ports["emulator-port"]), "--chat-page", chatPage),
  );
  const jwtSecret = randomBytes(32).toString("hex");
  const password = randomBytes(9).toString("hex");
  const users = JSON.stringify({ alice: await hashPassword(password) });
  const variables = {
    ...forExamples(users, texts),
    ...variablesOf(emulator.info, jwtSecret),
  };
  const settleEmulator = () => call(`${emulator.info.controlUrl}/settle`, {});
  const { functions, settle, text } = await PLATFORMS[platform](variables, port, settleEmulator, printLog);
  keep("The functions", functions);
  console.log(`emulator   ${emulator.info.url}   replaces Twilio`);
  console.log(`functions  ${functions.url}   ${text}`);
  console.log(`OpenAPI    ${functions.url}/openapi.json\n`);

  const token = await callerToken(jwtSecret, "alice");
  const demo = {
    emulator: emulator.info,
    functionsUrl: functions.url,
    bearerToken: token,
    print: console.log,
    settle,
  };
  let picture: string;
  let chat: string;
  let examples: ExampleValues;
  try {
    const conversationSid = await runCourierDemo(demo);
    picture = await runBotDemo(demo);
    const bearerToken = await callerToken(jwtSecret, "dispatcher");
    chat = await openChat({ ...demo, bearerToken }, "dispatcher", conversationSid);
    examples = await createExamples(demo);
  } catch (error) {
    throw new UserError(
      `${error instanceof Error ? error.message : error}\n\nThe functions' log:\n${functions.output()}`,
    );
  }
  console.log(instructions(emulator.info, functions.url, token, { picture, chat }));
  console.log(exampleInstructions({ ...emulator.info, url: functions.url, token, password }, examples));
  isLogShown = true;
}

/** A JWT as the company's issuer would sign it, for a caller with all scopes. */
function callerToken(secret: string, subject: string): Promise<string> {
  return new SignJWT({ scope: "conversations:read conversations:write users:export users:erase" })
    .setProtectedHeader({ alg: "HS256" })
    .setSubject(subject)
    .setExpirationTime("24h")
    .sign(new TextEncoder().encode(secret));
}

/** During the demos only what went wrong. */
let isLogShown = false;
const readLine = lineReader();

function printLog(line: string): void {
  const readable = readLine(line);
  if (readable === undefined || !(isLogShown || readable.isError)) return;
  const time = new Date().toTimeString().slice(0, 8);
  console.log(readable.isError ? styleText("red", `${time} ${readable.text}`) : `${time} ${readable.text}`);
}

type Settle = () => Promise<unknown>;
type OnLine = (line: string) => void;

/** Starts the functions of a platform. `settle` waits until no event is waiting or in progress. */
const PLATFORMS = {
  async twilio(variables: Record<string, string>, port: number, settle: Settle, onLine: OnLine) {
    const functions = await startFunctions(variables, port, { onLine });
    return { functions, settle, text: "dist/twilio, in Twilio's local runtime" };
  },
  async lambda(variables: Record<string, string>, port: number, settleEmulator: Settle, onLine: OnLine) {
    const functions = await startLambda(variables, { env: { PORT: String(port) }, onLine });
    const settle = async () => {
      do {
        await settleEmulator();
        await functions.queue.idle();
        await settleEmulator();
      } while (!functions.queue.isIdle);
    };
    return { functions, settle, text: "dist/lambda, behind a local gateway and queues" };
  },
};

interface Options {
  readonly platform: keyof typeof PLATFORMS;
  readonly ports: { readonly port: number; readonly "emulator-port": number };
}

function readOptions(): Options | undefined {
  let values: { platform?: string; port?: string; "emulator-port"?: string; help?: boolean };
  try {
    const options = {
      platform: { type: "string" },
      port: { type: "string" },
      "emulator-port": { type: "string" },
      help: { type: "boolean", short: "h" },
    } as const;
    ({ values } = parseArgs({ options }));
  } catch (error) {
    throw new UserError(`${error instanceof Error ? error.message : error}\n\n${HELP}`);
  }
  if (values.help) return undefined;
  const { platform = "twilio" } = values;
  if (platform !== "twilio" && platform !== "lambda")
    throw new UserError(`--platform must be twilio or lambda, not ${platform}.`);
  const ports = {
    port: portOf("port", values.port ?? "3000"),
    "emulator-port": portOf("emulator-port", values["emulator-port"] ?? "4010"),
  };
  if (ports.port !== 0 && ports.port === ports["emulator-port"])
    throw new UserError(`--port and --emulator-port must differ, not both be ${ports.port}.`);
  return { platform, ports };
}

function portOf(option: string, value: string): number {
  const port = Number(value);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new UserError(`--${option} must be a port from 0 to 65535, not ${value}.`);
  return port;
}

function variablesOf(emulator: EmulatorInfo, jwtSecret: string): Record<string, string> {
  return {
    ACCOUNT_SID: emulator.accountSid,
    AUTH_TOKEN: emulator.authToken,
    TWILIO_API_KEY_SID: emulator.apiKeySid,
    TWILIO_API_KEY_SECRET: emulator.apiKeySecret,
    CHAT_SERVICE_SID: emulator.chatServiceSid,
    TWILIO_BASE_URL: emulator.url,
    WHATSAPP_PROXY_ADDRESS: emulator.whatsappNumber,
    PROXY_ADDRESSES: [emulator.smsNumber, emulator.whatsappNumber, ...MORE_NUMBERS].join(),
    JWT_SECRET: jwtSecret,
    STATE_SECRET: randomBytes(32).toString("hex"),
  };
}

/** Settings with which the examples in docs/endpoints work, where settings.json has none. */
function forExamples(users: string, texts: Readonly<Record<string, string>>): Record<string, string> {
  const all = {
    TOKEN_SERVICE_USERS: users,
    // Exports are in the log.
    POST_EVENT_REACTIONS: '{"archive":"log"}',
    CONVERSATION_RESPONDER: '{"answers":[{"keywords":["hours"],"text":"We are open from 9 to 17."}]}',
    MEDIA_ALLOW_HTTP: "true",
    MEDIA_ALLOWED_HOSTS: "localhost,127.0.0.1",
  };
  return Object.fromEntries(Object.entries(all).filter(([name]) => texts[name] === undefined));
}

/** Registers a child process to be stopped with this one, and exits when the child ends unexpectedly. */
function keep<Process extends NodeProcess>(name: string, child: Process): Process {
  children.push(child);
  void child.ended.then((code) => {
    if (isEnding) return;
    console.error(`\n${name} ended unexpectedly with exit code ${code}:\n${child.output().slice(-2_000)}`);
    void end(1);
  });
  return child;
}

async function end(exitCode: number): Promise<void> {
  if (isEnding) return;
  isEnding = true;
  await Promise.all(children.map((child) => child.stop()));
  process.exit(exitCode);
}

/** URLs of pages with the demos' results. */
interface Pages {
  readonly picture: string;
  readonly chat: string;
}

function instructions(emulator: EmulatorInfo, functionsUrl: string, token: string, pages: Pages): string {
  const phone = `${emulator.controlUrl}/phones/${encodeURIComponent(CUSTOMER)}/messages`;
  return `Try it yourself. An access token for the user "alice":

  curl -s -X POST ${functionsUrl}/token -H "Authorization: Bearer ${token}"

Send a text as the customer, and list the messages on their phone:

  curl -s ${phone} -H "Content-Type: application/json" \\
    -d '{"to":"${emulator.whatsappNumber}","body":"I can see you!"}'
  curl -s ${phone}

Or use the console: it shows both phones, the conversation and the webhooks, sends texts, and opens the chat page as any user:

  ${emulator.consoleUrl}

The Studio flow as a picture; send a text to ${emulator.smsNumber} from another phone to see its steps:

  ${pages.picture}

The chat page, signed in as the dispatcher, who is in the courier's conversation:

  ${pages.chat}
`;
}

interface Credentials {
  readonly url: string;
  readonly token: string;
  readonly password: string;
  readonly accountSid: string;
  readonly authToken: string;
}

const exampleInstructions = (
  { url, token, password, accountSid, authToken }: Credentials,
  { conversationSid, messageSid, flowSid, inviteSid, connectSid }: ExampleValues,
): string => `The examples in docs/endpoints, except those of webhooks, work with these variables. order-7 is a conversation, group-7 a group text:

  export URL=${url} PASSWORD=${password} ACCOUNT_SID=${accountSid} AUTH_TOKEN=${authToken} JWT=${token}

Call conversations/close last. Where an example has CH…, IM…, FW… or HX…, use ${conversationSid}, ${messageSid},
${flowSid} or ${connectSid}; in whatsapp/opt-in the first HX… is ${inviteSid}.

The log of the functions follows, a line for each call.
Ctrl-C ends everything.`;

main().catch(async (error: unknown) => {
  // Ctrl-C also reaches the children, whose end rejects pending calls.
  if (isEnding) return;
  console.error(error instanceof UserError ? error.message : error);
  await end(1);
});
