import { omitUndefined } from "../../core/omit-undefined.ts";
import type { EmulatorInfo } from "./local.ts";

/** The context of a demo. */
export interface Demo {
  readonly emulator: EmulatorInfo;
  readonly functionsUrl: string;
  /** A caller's JWT with the scope `conversations:write`. */
  readonly bearerToken: string;
  print(line: string): void;
  /** Waits until no event is waiting or in progress. */
  settle(): Promise<unknown>;
}

/** The people of the guide "Using WhatsApp with Conversations". */
export const CUSTOMER = "whatsapp:+15558675310";
export const COURIER = "whatsapp:+15017250604";
export const NAMES: ReadonlyMap<string, string> = new Map([
  [CUSTOMER, "Robert, the customer"],
  [COURIER, "Alicia, the courier"],
]);

interface PhoneMessage {
  readonly sid: string;
  readonly direction: "in" | "out";
  readonly body: string;
  readonly buttons: readonly string[];
}

interface WebhookAttempt {
  readonly event: string;
  readonly request: { readonly url: string };
  readonly response: { readonly status: number; readonly body: string } | null;
  readonly error: { readonly message: string } | null;
  readonly durationMs: number;
}

/**
 * Runs the courier demo of the guide through the deployed functions and prints the messages on each phone, and the webhooks
 * with their duration.
 *
 * @returns the conversation's SID.
 * @throws when a step differs from the guide.
 */
export async function runCourierDemo(demo: Demo): Promise<string> {
  const { emulator, print } = demo;
  const watch = await watcher(demo);

  print("Two templates, approved by WhatsApp");
  const inviteSid = await createTemplate(demo, "courier_needs_help", {
    "twilio/quick-reply": {
      body:
        "Hello {{1}}, your food delivery is almost there but {{2}} (your rider) needs help finding your door. " +
        "Are you willing to chat with them?",
      actions: [
        { title: "Yes, sure", id: "yes" },
        { title: "No, thanks", id: "no" },
      ],
    },
  });
  const connectSid = await createTemplate(demo, "customer_agreed", {
    "twilio/text": {
      body: "Your customer has agreed to chat over WhatsApp to get this delivery sorted. You're now connected. Say hello!",
    },
  });
  print(`  ${inviteSid} for the customer, ${connectSid} for the courier\n`);

  print("The delivery service calls POST /whatsapp/opt-in");
  const startedAt = performance.now();
  const introduction = await call<{ status: string; conversationSid: string }>(
    `${demo.functionsUrl}/whatsapp/opt-in`,
    {
      invitee: CUSTOMER,
      inviter: COURIER,
      proxyAddress: emulator.whatsappNumber,
      inviteContentSid: inviteSid,
      inviteVariables: { "1": "Robert", "2": "Alicia" },
      connectContentSid: connectSid,
      uniqueName: `delivery-${Date.now()}`,
    },
    `Bearer ${demo.bearerToken}`,
  );
  print(
    `  ${introduction.status}: ${introduction.conversationSid}, ${milliseconds(performance.now() - startedAt)}`,
  );
  await watch({ [CUSTOMER]: 1, [COURIER]: 0 });

  print("Robert presses the button");
  await text(demo, CUSTOMER, { button: "Yes, sure" });
  await watch({ [CUSTOMER]: 3, [COURIER]: 1 });

  print("Alicia says hello, and Robert answers: no handler is involved any more");
  await text(demo, COURIER, { body: "Hi Robert, I am at the blue door. Is it the second floor?" });
  await text(demo, CUSTOMER, { body: "Third floor, on the left. Thank you!" });
  await watch({ [CUSTOMER]: 5, [COURIER]: 3 });

  return introduction.conversationSid;
}

/** Sends a text from a phone. */
export async function text(
  demo: Demo,
  phone: string,
  message: { to?: string; body?: string; button?: string },
): Promise<void> {
  const path = `/phones/${encodeURIComponent(phone)}/messages`;
  await call(`${demo.emulator.controlUrl}${path}`, { to: demo.emulator.whatsappNumber, ...message });
}

/** Prints new messages and webhooks at each call, and checks how many messages each phone has received. */
export async function watcher(
  demo: Demo,
  names = NAMES,
): Promise<(expected: Readonly<Record<string, number>>) => Promise<void>> {
  const seen = new Set<string>();
  const readWebhooks = () =>
    call<{ webhooks: WebhookAttempt[] }>(`${demo.emulator.controlUrl}/webhooks`).then(
      ({ webhooks }) => webhooks,
    );
  let webhooksSeen = (await readWebhooks()).length;
  return async (expected) => {
    await demo.settle();
    const webhooks = await readWebhooks();
    for (const attempt of webhooks.slice(webhooksSeen)) demo.print(`  webhook  ${describeWebhook(attempt)}`);
    webhooksSeen = webhooks.length;
    for (const [phone, count] of Object.entries(expected)) {
      const { messages } = await call<{ messages: PhoneMessage[] }>(
        `${demo.emulator.controlUrl}/phones/${encodeURIComponent(phone)}/messages`,
      );
      for (const message of messages) {
        if (!seen.has(message.sid)) demo.print(`  ${describeMessage(names.get(phone) ?? phone, message)}`);
        seen.add(message.sid);
      }
      const received = messages.filter(({ direction }) => direction === "in").length;
      const sent = messages.length - received;
      if (messages.length !== count) {
        throw new Error(
          `${names.get(phone)} should have ${count} messages by now, and has received ${received} and sent ${sent}.`,
        );
      }
    }
    demo.print("");
  };
}

function describeWebhook({ event, request, response, error, durationMs }: WebhookAttempt): string {
  const result =
    response === null ? (error?.message ?? "no answer") : `${response.status} ${statusIn(response.body)}`;
  return `${event} → ${new URL(request.url).pathname}  ${result}, ${milliseconds(durationMs)}`;
}

function statusIn(body: string): string {
  const { status, reason } = JSON.parse(body) as { status?: string; reason?: string };
  return [status, reason].filter((part) => part !== undefined).join(": ");
}

function describeMessage(person: string, { direction, body, buttons }: PhoneMessage): string {
  const name = person.padEnd(20);
  const choices = buttons.length > 0 ? `  [${buttons.join("] [")}]` : "";
  return direction === "in" ? `${name} reads  “${body}”${choices}` : `${name} sends  “${body}”`;
}

async function createTemplate({ emulator }: Demo, name: string, types: object): Promise<string> {
  const { sid } = await call<{ sid: string }>(
    `${emulator.url}/v1/Content`,
    { friendly_name: name, language: "en", types },
    basicAuth(emulator),
  );
  await call(`${emulator.controlUrl}/content/${sid}/approval`, { status: "approved" });
  return sid;
}

/** The Authorization header of the account. */
export const basicAuth = ({ accountSid, authToken }: EmulatorInfo): string =>
  `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString("base64")}`;

/** Posts JSON or a form, or sends a GET without a body. @throws with the answer if it is not successful. */
export async function call<Answer>(url: string, body?: object, authorization?: string): Promise<Answer> {
  const isForm = body instanceof URLSearchParams;
  const response = await fetch(url, {
    method: body === undefined ? "GET" : "POST",
    headers: {
      ...omitUndefined({ "content-type": isForm ? undefined : "application/json", authorization }),
    },
    ...omitUndefined({ body: isForm ? body : body && JSON.stringify(body) }),
  });
  const answer = await response.text();
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${answer}`);
  return JSON.parse(answer) as Answer;
}

const milliseconds = (duration: number): string => `${Math.round(duration)} ms`;
