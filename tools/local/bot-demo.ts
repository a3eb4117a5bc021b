import { pointFlowAt } from "../../infra/studio/flow.ts";
import { readFlows } from "../../infra/studio/read.ts";
import { basicAuth, call, type Demo, text, watcher } from "./courier-demo.ts";

/** A person who texts the SMS number. */
export const SHOPPER = "+15558675322";

/**
 * Attaches the Studio flow bot-first to every new conversation of the SMS number and sends it messages until it hands over to an
 * agent, through the deployed functions.
 *
 * @returns the URL of the flow's picture with the executed steps.
 * @throws when a step differs from the flow.
 */
export async function runBotDemo(demo: Demo): Promise<string> {
  const { emulator, functionsUrl, print } = demo;
  const watch = await watcher(demo, new Map([[SHOPPER, "Maria, a shopper"]]));

  print("The Studio flow bot-first is attached to every new conversation of the SMS number");
  const flow = readFlows().get("bot-first.json");
  if (flow === undefined) throw new Error("infra/studio has no bot-first.json.");
  const pointed = pointFlowAt(flow, { widget: "run-function", baseUrl: functionsUrl });
  const definition = { FriendlyName: "bot-first", Status: "published", Definition: JSON.stringify(pointed) };
  const { sid } = await post<{ sid: string }>(demo, "/v2/Flows", definition);
  await post(demo, "/v1/Configuration/Addresses", {
    Type: "sms",
    Address: emulator.smsNumber,
    "AutoCreation.Enabled": "true",
    "AutoCreation.Type": "studio",
    "AutoCreation.StudioFlowSid": sid,
  });
  print(`  ${sid}\n`);

  print("Maria sends a text to the number, and the bot answers");
  await text(demo, SHOPPER, { to: emulator.smsNumber, body: "Hello" });
  await watch({ [SHOPPER]: 2 });

  print("She asks for an agent: the flow calls two functions, tells her, and ends");
  await text(demo, SHOPPER, { to: emulator.smsNumber, body: "2" });
  await printSteps(demo, sid);
  await watch({ [SHOPPER]: 4 });

  return `${emulator.consoleUrl}/flow.html?flow=${sid}`;
}

/** The steps of the flow's execution. */
async function printSteps({ emulator, print }: Demo, flowSid: string): Promise<void> {
  await call(`${emulator.controlUrl}/settle`, {});
  const { executions } = await call<{
    executions: { steps: { from: string; event: string; to: string }[] }[];
  }>(`${emulator.controlUrl}/flows/${flowSid}`);
  for (const { from, event, to } of executions[0]?.steps ?? []) print(`  step     ${from}: ${event} → ${to}`);
}

function post<Answer>(
  { emulator }: Demo,
  path: string,
  form: Readonly<Record<string, string>>,
): Promise<Answer> {
  return call<Answer>(`${emulator.url}${path}`, new URLSearchParams(form), basicAuth(emulator));
}
