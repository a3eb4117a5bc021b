import type { TestAccount } from "../support/emulator.ts";

/** A state of a flow, with what each event leads to. */
export interface TestState {
  readonly name: string;
  readonly type: string;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly transitions: readonly object[];
}

export const person = "+15558675310";

/** A state whose events lead where `next` says; nothing ends the flow. */
export function state(
  name: string,
  type: string,
  properties: Readonly<Record<string, unknown>>,
  next: Readonly<Record<string, string | undefined>> = {},
): TestState {
  const transitions = Object.entries(next).map(([event, to]) =>
    to === undefined ? { event } : { event, next: to },
  );
  return { name, type, properties, transitions };
}

/** Sends text and goes on to `next`. */
export function says(name: string, body: string, next?: string): TestState {
  return state(
    name,
    "send-message",
    { from: "{{flow.channel.address}}", body },
    { sent: next, failed: undefined },
  );
}

/** Asks and waits for an hour; a reply leads to `next`, silence to `late`. */
export function asks(name: string, body: string, next?: string, late?: string): TestState {
  const properties = { from: "{{flow.channel.address}}", body, timeout: "3600" };
  return state(name, "send-and-wait-for-reply", properties, { incomingMessage: next, timeout: late });
}

/** A flow whose trigger leads to the first state, whatever starts it. */
export function flowOf(...states: readonly TestState[]) {
  const events = ["incomingMessage", "incomingConversationMessage", "incomingRequest", "incomingParent"];
  const next = states[0]?.name;
  const transitions = events.map((event) => ({ event, next }));
  const trigger = { name: "Trigger", type: "trigger", properties: {}, transitions };
  const flags = { allow_concurrent_calls: true };
  return { description: "A flow", states: [trigger, ...states], initial_state: "Trigger", flags };
}

/** Saves a published flow and gives its SID. */
export async function publish({ client }: TestAccount, definition: object): Promise<string> {
  const { flows } = client.studio.v2;
  return (await flows.create({ friendlyName: "A flow", status: "published", definition })).sid;
}

export async function run(account: TestAccount, parameters: object, ...states: TestState[]): Promise<string> {
  const flowSid = await publish(account, flowOf(...states));
  const { smsNumber: from } = account.emulator;
  await account.client.studio.v2.flows(flowSid).executions.create({ to: person, from, parameters });
  await account.emulator.settle();
  return flowSid;
}

/** The steps of a flow's newest execution, oldest first: "from: event > to". */
export async function stepsOf({ client }: TestAccount, flowSid: string): Promise<string[]> {
  const { executions } = client.studio.v2.flows(flowSid);
  const [newest] = await executions.list({ limit: 1 });
  const steps = await executions(newest?.sid ?? "").steps.list();
  return steps
    .reverse()
    .map(({ transitionedFrom, name, transitionedTo }) => `${transitionedFrom}: ${name} > ${transitionedTo}`);
}

/** The variables of a flow's newest execution. */
export async function contextOf(
  { client }: TestAccount,
  flowSid: string,
): Promise<Record<string, Record<string, unknown>>> {
  const { executions } = client.studio.v2.flows(flowSid);
  const [newest] = await executions.list({ limit: 1 });
  return (
    await executions(newest?.sid ?? "")
      .executionContext()
      .fetch()
  ).context;
}

/** A conversation with somebody on SMS that the flow is attached to. */
export async function attached(account: TestAccount, flowSid: string) {
  const conversation = await account.conversation();
  await conversation.participants.create({
    "messagingBinding.address": person,
    "messagingBinding.proxyAddress": account.emulator.smsNumber,
  });
  await conversation.webhooks.create({ target: "studio", "configuration.flowSid": flowSid });
  return conversation;
}

/** The person writes to the account's number. */
export function write(account: TestAccount, body: string) {
  return account.send(person, account.emulator.smsNumber, body);
}

/** What the person's phone has received, oldest first. */
export async function received(account: TestAccount): Promise<string[]> {
  const inbox = await account.inbox(person);
  return inbox.filter(({ direction }) => direction === "in").map(({ body }) => body);
}

/** What Studio says on the timeline to the author of a flow. */
export async function notesOf(account: TestAccount): Promise<string[]> {
  const { body } = await account.control("GET", "/timeline");
  const entries = body.timeline as { kind: string; message?: string; problem?: string }[];
  return entries
    .filter(({ kind }) => kind === "studio")
    .flatMap(({ message, problem }) => message ?? problem ?? []);
}
