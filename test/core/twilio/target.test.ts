import { describe, expect, it } from "vitest";
import { conversationCalls } from "../../support/conversations.ts";
import { platforms } from "../../support/platforms.ts";
import { useSystem } from "../../support/system.ts";

const NOWHERE = `CH${"0".repeat(32)}`;

/** Endpoints that take a conversation, with input that is valid except for its conversation. */
const STEPS: readonly [string, Record<string, unknown>][] = [
  ["close", {}],
  ["set-timers", { inactive: "PT5M" }],
  ["add-participant", { identity: "alice" }],
  ["remove-participant", { identity: "alice" }],
  ["send", { body: "hello" }],
  ["attach-studio", { flowSid: `FW${"0".repeat(32)}` }],
  ["detach-webhooks", { target: "studio" }],
];

describe.each(platforms)("the conversation named by a caller, on $name", (platform) => {
  const system = useSystem(platform);

  const { call, create } = conversationCalls(system);

  it.each(STEPS)(
    "conversations/%s answers 404 for a conversation that does not exist",
    async (step, input) => {
      expect(await call(step, { conversationSid: NOWHERE, ...input })).toMatchObject({
        status: 404,
        body: { status: "error", code: "not_found", field: "conversationSid" },
      });
    },
  );

  it.each(STEPS)("conversations/%s accepts any characters in a unique name", async (step, input) => {
    const sid = await create("Order 7 (ü & co)");
    const { status, body } = await call(step, { conversationSid: "Order 7 (ü & co)", ...input });
    expect(status).toBeLessThan(300);
    expect(body.conversationSid).toBe(sid);
  });

  it.each(STEPS)("conversations/%s rejects a name that cannot be part of a URL", async (step, input) => {
    for (const conversationSid of ["..", "a/../b", "a%2fb", "\ud800", "\udc00x"]) {
      expect(await call(step, { conversationSid, ...input })).toMatchObject({
        status: 400,
        body: { code: "invalid_input", field: "conversationSid" },
      });
    }
  });

  it.each(STEPS)("conversations/%s treats empty fields as absent", async (step, input) => {
    const sid = await create();
    const names = [
      "requireOwn",
      "roleSid",
      "author",
      "address",
      "closed",
      "replayAfter",
      "idempotencyKey",
      "url",
    ];
    const empty = Object.fromEntries(names.map((name) => [name, ""]));
    expect((await call(step, { ...empty, conversationSid: sid, ...input })).status).toBeLessThan(300);
    expect(await call(step, { ...input, conversationSid: "" })).toMatchObject({
      status: 400,
      body: {
        field: "conversationSid",
        message: "conversationSid is missing. An empty conversationSid counts as not given.",
      },
    });
  });

  it.each(STEPS)("conversations/%s names an unknown field", async (step, input) => {
    expect(await call(step, { conversationSid: NOWHERE, ...input, conversation: "x" })).toMatchObject({
      status: 400,
      body: { code: "invalid_input", field: "conversation" },
    });
  });
});
