import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { getExpectedTwilioSignature } from "twilio/lib/webhooks/webhooks.js";
import { endpoints } from "../../../infra/endpoints.ts";
import { type Example, exampleOf } from "../../../tools/reference/example.ts";

/** The values for the examples that `npm start` prints. */
export function exampleValuesIn(output: string) {
  const variable = (name: string) => new RegExp(`^  export .*\\b${name}=(\\S+)`, "m").exec(output)?.[1] ?? "";
  const [, text = ""] = / Where an example has ([\s\S]*?)\n\n/m.exec(output) ?? [];
  const [CH = "", IM = "", FW = "", HX = "", invitation = ""] = text.match(/\b[A-Z]{2}[0-9a-f]{32}\b/g) ?? [];
  return {
    url: variable("URL"),
    jwt: variable("JWT"),
    password: variable("PASSWORD"),
    authToken: variable("AUTH_TOKEN"),
    sids: new Map(Object.entries({ CH, IM, FW, HX })),
    invitation,
  };
}
type Values = ReturnType<typeof exampleValuesIn>;

/** Statuses that depend on the time, or on what the endpoint finds. */
const VARYING: ReadonlyMap<string, string> = new Map([
  ["hours/check", "open"],
  ["messages/status", "delivered"],
]);

/** Detaching needs what the example before it attaches. */
const BEFORE: ReadonlyMap<string, string> = new Map([
  ["conversations/detach-webhooks", "conversations/attach-studio"],
]);

/**
 * Calls each endpoint as in the example of its page, each time from the state right after `npm start`.
 *
 * @returns what differs from the page: another status, or an error.
 */
export async function callExamples(values: Values, controlUrl: string): Promise<string[]> {
  const file = createServer((_request, response) => {
    response.writeHead(200, { "content-type": "application/pdf" }).end("%PDF-1.7");
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => file.once("listening", resolve));
  const fileUrl = `http://127.0.0.1:${(file.address() as AddressInfo).port}/ticket.pdf`;
  const snapshot = await (await fetch(`${controlUrl}/snapshot`)).text();
  const found: string[] = [];
  for (const { name, isProtected } of endpoints()) {
    await fetch(`${controlUrl}/restore`, { method: "POST", body: snapshot });
    const earlier = BEFORE.get(name);
    if (earlier !== undefined) await send(earlier, fieldsOf(earlier, values, fileUrl), values);
    const example = exampleOf({ name });
    const fields = fieldsOf(name, values, fileUrl);
    const { status, text } = isProtected
      ? await sendSigned(name, fields, values)
      : await send(name, fields, values);
    if (status >= 300 || !(isProtected || isAsDocumented(name, example, text)))
      found.push(`${name}: ${status} ${text.slice(0, 300)}`);
  }
  await new Promise((resolve) => file.close(resolve));
  return found;
}

function isAsDocumented(name: string, { answer }: Example, text: string): boolean {
  if (typeof answer === "string") return text !== "";
  const { status } = JSON.parse(text) as { status?: string };
  const documented = (answer as { status?: string }).status;
  return status === documented || status === VARYING.get(name);
}

/** The fields of an example with the printed values in place of the page's. */
function fieldsOf(name: string, { sids, password, invitation }: Values, fileUrl: string) {
  const entries = Object.entries(exampleOf({ name }).fields).map(([field, value]): [string, unknown] => {
    if (field === "inviteContentSid") return [field, invitation];
    if (value === "https://example.com/ticket.pdf") return [field, fileUrl];
    const text = String(value);
    if (/^[A-Z]{2}0{32}$/.test(text)) return [field, sids.get(text.slice(0, 2)) ?? text];
    return [field, value === "$PASSWORD" ? password : value];
  });
  return Object.fromEntries(entries);
}

async function send(name: string, fields: Record<string, unknown>, { url, jwt }: Values) {
  const isGet = name === "token-service";
  const query = isGet ? `?${new URLSearchParams(fields as Record<string, string>)}` : "";
  const response = await fetch(`${url}/${name}${query}`, {
    method: isGet ? "GET" : "POST",
    headers: { authorization: `Bearer ${jwt}`, "content-type": "application/json" },
    ...(isGet ? {} : { body: JSON.stringify(fields) }),
  });
  return { status: response.status, text: await response.text() };
}

async function sendSigned(name: string, fields: Record<string, unknown>, { url, authToken }: Values) {
  const address = `${url}/${name}`;
  const form = Object.fromEntries(Object.entries(fields).map(([field, value]) => [field, String(value)]));
  const headers = { "x-twilio-signature": getExpectedTwilioSignature(authToken, address, form) };
  const response = await fetch(address, { method: "POST", headers, body: new URLSearchParams(form) });
  return { status: response.status, text: await response.text() };
}
