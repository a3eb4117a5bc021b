import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { UserError } from "../../infra/account/user-error.ts";
import { type Flow, PLACEHOLDER, pointFlowAt } from "../../infra/studio/flow.ts";
import { endWithNpm } from "../local/process.ts";
import { errorsOf, readFlow } from "./check.ts";
import { Emulated } from "./emulated.ts";

const HELP = `npm run studio -- run FILE [options]

Runs a flow locally as a chat: you type the customer's messages. They come from a conversation, or to a number if only
that starts the flow. A line that begins with /wait, such as "/wait PT1H",
advances the clock. Ctrl-D ends.

  --base-url URL      Base URL of the endpoints that the flow calls
  --emulator URL      Uses a running emulator, such as that of npm start (http://127.0.0.1:4010), whose
                      functions then accept the flow's requests; otherwise one is started
  --parameters JSON   Starts the flow like a REST API execution, with these parameters
  --help              This text`;

const customer = "+15558675310";

interface Entry {
  readonly kind: string;
  readonly type?: string;
  readonly executionSid?: string;
  readonly from?: string;
  readonly event?: string;
  readonly to?: string;
  readonly message?: string;
  readonly problem?: string;
}

/** Runs a flow in the terminal until the input ends. */
export async function runFlow(args: readonly string[], print: (line: string) => void): Promise<void> {
  const { file, options } = readOptions(args);
  if (options.help || file === undefined) {
    print(HELP);
    if (!options.help) throw new UserError("Which flow?");
    return;
  }
  const flow = readFlow(file);
  const emulated = await Emulated.start(options.emulator);
  const end = (exitCode: number) => void emulated.stop().then(() => process.exit(exitCode));
  process.once("SIGINT", () => end(130));
  process.once("SIGTERM", () => end(143));
  endWithNpm(() => end(143));
  try {
    const [error] = await errorsOf(emulated, flow);
    if (error !== undefined)
      throw new UserError(`${file} is not valid: ${error}\nnpm run studio -- check ${file}`);
    const baseUrl = options["base-url"] ?? PLACEHOLDER;
    const pointed = pointFlowAt(flow, { widget: "run-function", baseUrl });
    const form = {
      FriendlyName: flow.description || file,
      Status: "published",
      Definition: JSON.stringify(pointed),
    };
    const { body } = await emulated.post("/v2/Flows", form);
    const webhookUrl = isForNumbers(flow) ? String(body.webhook_url) : undefined;
    await converse(emulated, { sid: String(body.sid), webhookUrl }, options.parameters, print);
  } finally {
    await emulated.stop();
  }
}

/** Whether messages by number start the flow, and messages of conversations do not. */
function isForNumbers({ states, initial_state }: Flow): boolean {
  const trigger = states.find(({ name }) => name === initial_state);
  const starts = (event: string) => trigger?.transitions.some((one) => one.event === event && one.next);
  return starts("incomingMessage") === true && starts("incomingConversationMessage") !== true;
}

async function converse(
  emulated: Emulated,
  { sid: flowSid, webhookUrl }: { readonly sid: string; readonly webhookUrl: string | undefined },
  parameters: string | undefined,
  print: (line: string) => void,
) {
  const { smsNumber } = emulated.info;
  const phone = `/phones/${encodeURIComponent(customer)}/messages`;
  const show = reporter(emulated, flowSid, phone, print);
  if (parameters === undefined) {
    if (webhookUrl === undefined) await begin(emulated, flowSid);
    else await emulated.control("/numbers", { address: smsNumber, smsUrl: webhookUrl });
  } else {
    const form = { To: customer, From: smsNumber, Parameters: parameters };
    const { status, body } = await emulated.post(`/v2/Flows/${flowSid}/Executions`, form);
    if (status !== 201) throw new UserError(`--parameters: ${body.message}`);
  }
  print(`${emulated.info.controlUrl}/flows/${flowSid}/picture\nWrite as the customer; Ctrl-D ends.\n`);
  await show();
  for await (const line of createInterface({ input: process.stdin })) {
    const [, duration] = /^\/wait (\S+)$/.exec(line.trim()) ?? [];
    if (duration !== undefined) await emulated.control("/clock/advance", { duration });
    else if (line.trim() !== "") await emulated.control(phone, { to: smsNumber, body: line });
    await show();
  }
  if (webhookUrl !== undefined) await emulated.control("/numbers", { address: smsNumber, smsUrl: "" });
}

/** Creates a conversation of the customer with the flow attached. */
async function begin(emulated: Emulated, flowSid: string): Promise<void> {
  const { body } = await emulated.post("/v1/Conversations", { FriendlyName: "Chat with a flow" });
  const path = `/v1/Conversations/${body.sid}`;
  const joined = await emulated.post(`${path}/Participants`, {
    "MessagingBinding.Address": customer,
    "MessagingBinding.ProxyAddress": emulated.info.smsNumber,
  });
  if (joined.status !== 201) throw new UserError(`The customer cannot join: ${joined.body.message}`);
  await emulated.post(`${path}/Webhooks`, { Target: "studio", "Configuration.FlowSid": flowSid });
}

/** Prints new steps and notes of the flow, and new messages on the customer's phone. */
function reporter(emulated: Emulated, flowSid: string, phone: string, print: (line: string) => void) {
  let entriesSeen = 0;
  let messagesSeen = 0;
  return async () => {
    await emulated.control("/settle", {});
    const { timeline } = await emulated.control<{ timeline: (Entry & { flowSid?: string })[] }>("/timeline");
    const entries = timeline.filter(({ kind, flowSid: of }) => kind === "studio" && of === flowSid);
    for (const { type, from, event, to, message, problem } of entries.slice(entriesSeen)) {
      if (type === "step") print(`    ${from}: ${event} → ${to}`);
      if (message !== undefined) print(`    note: ${message}`);
      if (problem !== undefined) print(`    ended: ${problem}`);
    }
    entriesSeen = entries.length;
    const { messages } = await emulated.control<{ messages: { direction: string; body: string }[] }>(phone);
    const received = messages.filter(({ direction }) => direction === "in");
    for (const { body } of received.slice(messagesSeen)) print(`< ${body}`);
    messagesSeen = received.length;
  };
}

function readOptions(args: readonly string[]) {
  const text = { type: "string" } as const;
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { "base-url": text, emulator: text, parameters: text, help: { type: "boolean", short: "h" } },
    });
    return { file: positionals[0], options: values };
  } catch (error) {
    throw new UserError(`${error instanceof Error ? error.message : error}\n\n${HELP}`);
  }
}
