import { createHash } from "node:crypto";
import { join } from "node:path";
import { stringify } from "node:querystring";
import { getExpectedTwilioSignature } from "twilio/lib/webhooks/webhooks.js";
import { describe, expect, it } from "vitest";
import type { Handler } from "../../../core/handler.ts";
import { endpoints, root } from "../../../infra/endpoints.ts";
import { exampleOf } from "../../../tools/reference/example.ts";
import { bearer } from "../../support/credentials.ts";
import { platforms } from "../../support/platforms.ts";
import { COURIER, CUSTOMER, useSystem } from "../../support/system.ts";

const OWN = "+15017122661";

/** Valid input, where the example of the endpoint's page refers to a resource that does not exist here. */
const CALLS: Readonly<Record<string, object>> = {
  "media/send": { url: "https://127.0.0.1/file.png" },
  "whatsapp/opt-in": { invitee: CUSTOMER, inviter: COURIER, inviteBody: "Hello", connectBody: "Hello" },
  "whatsapp/send": { body: "Hello" },
};

/** The event that most of the code handles, where the example shows another one. */
const EVENTS: Readonly<Record<string, string>> = { "webhooks/post-event": "onDeliveryUpdated" };

/** JSON values that a caller may put into any field. */
const VALUES = [
  '"\\ud800"',
  '".."',
  '"../../Services"',
  '"a\\r\\nX-Evil: 1"',
  '"__proto__"',
  '"{\\"__proto__\\":{\\"polluted\\":true}}"',
  '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}',
  JSON.stringify("x".repeat(40_000)),
  JSON.stringify("9".repeat(40_000)),
  `"P${"9".repeat(400)}D"`,
  JSON.stringify(`"${"[".repeat(20_000)}`),
  `${"[".repeat(20_000)}${"]".repeat(20_000)}`,
  JSON.stringify(`${'{"a":'.repeat(5_000)}1${"}".repeat(5_000)}`),
  "[[]]",
  "{}",
  "null",
  "-1e300",
];

const handlerOf = async (file: string): Promise<Handler> =>
  ((await import(join(root, file))) as { default: Handler }).default;
const fieldsOf = ({ input }: Handler): string[] =>
  "entries" in input ? Object.keys(input.entries as object) : [];

describe.each(platforms)("hostile input on $name", (platform) => {
  const system = useSystem(platform, {
    PROXY_ADDRESSES: OWN,
    CONVERSATION_RESPONDER: JSON.stringify({
      openingHours: { timeZone: "Europe/Berlin", week: {}, closedText: "We are closed." },
      answerChatUsers: true,
    }),
    POST_EVENT_REACTIONS: JSON.stringify({ followUp: [{ do: "tell-agent" }] }),
    PRE_EVENT_RULES: JSON.stringify({
      blockedWords: ["bad"],
      removePersonalData: ["card", "email", "phone"],
    }),
  });

  const post = async (name: string, body: string | URLSearchParams, headers: Record<string, string>) => {
    const url = `${system.current.url}/${name}`;
    const response = await fetch(url, { method: "POST", headers, body });
    return { status: response.status, text: await response.text() };
  };

  it("that is not signed is rejected, at any nesting depth", async () => {
    const body = `{"a":${"[".repeat(20_000)}${"]".repeat(20_000)}}`;
    const hash = createHash("sha256").update(body).digest("hex");
    const headers = { "content-type": "application/json", "x-twilio-signature": "forged" };
    const { status } = await post(`webhooks/pre-event?bodySHA256=${hash}`, body, headers);
    expect(status).toBe(403);
  });

  const open = endpoints().filter(({ isProtected }) => !isProtected);
  it.each(open)("to $name is rejected or handled as documented", async ({ name, handlerFile }) => {
    const conversationSid = (await system.current.account.conversations.create()).sid;
    const auth = await bearer({ sub: "alice", scope: "conversations:write conversations:read" });
    const headers = { ...auth, "content-type": "application/json" };
    const fields = fieldsOf(await handlerOf(handlerFile));
    const base = {
      ...(CALLS[name] ?? exampleOf({ name }).fields),
      ...(fields.includes("conversationSid") && { conversationSid }),
    };
    for (const [position, field] of [...fields, "__proto__", "constructor"].entries()) {
      const { [field as keyof typeof base]: _, ...others } = base;
      // Each value of a field on one platform, and of the next field on the other: they share all but how they parse.
      const half = VALUES.filter((_value, index) => (index + position) % 2 === platforms.indexOf(platform));
      const answers = half.map(async (value) => {
        const rest = JSON.stringify(others).slice(1, -1);
        const body = `{${rest}${rest && ","}${JSON.stringify(field)}:${value}}`;
        const { status, text } = await post(name, body, headers);
        return { field, value: value.slice(0, 60), status, text: text.slice(0, 300) };
      });
      const failed = (await Promise.all(answers)).filter(({ status }) => status >= 500);
      expect(failed).toEqual([]);
    }
  });

  it.each(endpoints().filter(({ isProtected }) => isProtected))(
    "to $name is answered, signed by Twilio",
    async ({ name }) => {
      const url = `${system.current.url}/${name}`;
      const { authToken } = system.current.account.emulator;
      const texts = VALUES.map((value) => JSON.parse(value)).filter((value) => typeof value === "string");
      const event = {
        EventType: EVENTS[name] ?? String(exampleOf({ name }).fields.EventType),
        ConversationSid: `CH${"0".repeat(32)}`,
        MessageSid: `IM${"0".repeat(32)}`,
        ParticipantSid: `MB${"0".repeat(32)}`,
        Status: "undelivered",
        ErrorCode: "63016",
        Index: "0",
        Author: "alice",
        Source: "SDK",
        Body: "hello",
        WebhookSid: `WH${"0".repeat(32)}`,
      };
      for (const field of [...Object.keys(event), "Attributes", "DateCreated", "Media", "__proto__"]) {
        const answers = texts.map(async (text: string) => {
          const form = new URLSearchParams(event);
          form.set(field, text);
          const content = Object.fromEntries(form);
          const headers = { "x-twilio-signature": getExpectedTwilioSignature(authToken, url, content) };
          const { status, text: body } = await post(name, form, headers);
          return { field, value: text.slice(0, 60), status, text: body.slice(0, 300) };
        });
        const failed = (await Promise.all(answers)).filter(({ status }) => status >= 500);
        expect(failed).toEqual([]);
      }
    },
  );

  it.each(endpoints().filter(({ isProtected }) => isProtected))(
    "to $name may repeat a parameter, as Twilio does with the addresses of a group text",
    async ({ name }) => {
      const url = `${system.current.url}/${name}`;
      const { authToken } = system.current.account.emulator;
      const { fields } = exampleOf({ name });
      const answerTo = async (more: Record<string, string[]>) => {
        const form = { ...(fields as Record<string, string>), ...more };
        const headers = {
          "x-twilio-signature": getExpectedTwilioSignature(authToken, url, form),
          "content-type": "application/x-www-form-urlencoded",
        };
        const { status, text } = await post(name, stringify(form), headers);
        const { requestId: _, ...body } = JSON.parse(text);
        return { status, body };
      };
      const addresses = { "MessagingBinding.Address": ["+14155550101", "+14155550102"] };
      expect(await answerTo(addresses)).toEqual(await answerTo({}));
    },
  );
});
