import { createHash } from "node:crypto";
import { getExpectedTwilioSignature, validateRequest } from "twilio/lib/webhooks/webhooks.js";
import { describe, expect, it } from "vitest";
import type { TestAccount } from "../support/emulator.ts";
import { useAccount } from "../support/emulator.ts";
import {
  attached,
  contextOf,
  flowOf,
  notesOf,
  person,
  publish,
  says,
  state,
  stepsOf,
  type TestState,
  write,
} from "./flow.ts";

const fixture = useAccount();

/** Runs a flow by request and gives its SID. */
async function run(account: TestAccount, parameters: object, ...states: TestState[]): Promise<string> {
  const flowSid = await publish(account, flowOf(...states));
  const { smsNumber: from } = account.emulator;
  await account.client.studio.v2.flows(flowSid).executions.create({ to: person, from, parameters });
  await account.emulator.settle();
  return flowSid;
}

function split(type: string, value: string): TestState {
  const condition = { friendly_name: "one", arguments: ["{{flow.data.given}}"], type, value };
  return {
    ...state("split", "split-based-on", { input: "{{flow.data.given}}" }),
    transitions: [{ event: "noMatch" }, { event: "match", conditions: [condition] }],
  };
}

describe("split-based-on", () => {
  it.each([
    ["equal_to", " YES ", "yes", true],
    ["equal_to", "yes!", "yes", false],
    ["not_equal_to", "no", "yes", true],
    ["matches_any_of", "Yup", "yes, yeah ,yup", true],
    ["matches_any_of", "ye", "yes,yeah", false],
    ["does_not_match_any_of", "ye", "yes,yeah", true],
    ["contains", "aab", "A", true],
    ["does_not_contain", "aab", "ab", false],
    ["starts_with", " Hoot", "hoo", true],
    ["does_not_start_with", "owl", "hoo", true],
    ["is_blank", " \n", "", true],
    ["is_not_blank", "Twilio", "", true],
    ["regex", "6", "[1-5]", false],
    ["regex", "ABC-1", "[a-z]+-\\d", true],
    ["regex", "12", "1|2", false],
    ["greater_than", "900", "1000", false],
    ["greater_than", "b", "a", false],
    ["less_than", "9", "10", true],
    ["is_after_date", "2019-08-12", "2017-09-04", true],
    ["is_before_date", "2019-08-12", "2017-09-04", false],
    ["is_before_time", "17:00", "16:35", false],
    ["is_after_time", "17:00", "16:35", true],
    ["is_after_time", "5 pm", "16:35", false],
  ])("%s: %j and %j", async (type, given, value, expected) => {
    const flowSid = await run(fixture.current, { given }, split(type, value));
    expect(await stepsOf(fixture.current, flowSid)).toContain(
      `split: ${expected ? "match" : "noMatch"} > Ended`,
    );
  });

  it("takes the first branch that matches, and reports an invalid pattern", async () => {
    const account = fixture.current;
    const condition = (type: string, value: string) => [
      { friendly_name: "", arguments: ["yes"], type, value },
    ];
    const flowSid = await run(
      account,
      {},
      {
        ...state("split", "split-based-on", { input: "yes" }),
        transitions: [
          { event: "match", next: "first", conditions: condition("regex", "(") },
          { event: "noMatch" },
          { event: "match", next: "second", conditions: condition("equal_to", "yes") },
          { event: "match", next: "first", conditions: condition("contains", "e") },
        ],
      },
      says("first", "1"),
      says("second", "2"),
    );
    expect(await stepsOf(account, flowSid)).toContain("split: match > second");
    expect(await notesOf(account)).toEqual(['split: "(" is not a regular expression']);
  });
});

describe("set-variables", () => {
  it("stores texts, numbers and JSON, each available to the next", async () => {
    const variables = [
      { key: "count", value: "{{flow.data.count | plus: 1}}" },
      { key: "phone", value: "+15550001" },
      { key: "text", value: "7", type: "string" },
      { key: "list", value: '["a","b"]', parse_as_json: true },
      { key: "null", value: "null", parse_as_json: true },
      { key: "twice", value: "{{flow.variables.count | times: 2}}" },
      { key: "__proto__", value: "own" },
    ];
    const flowSid = await run(fixture.current, { count: "41" }, state("set", "set-variables", { variables }));
    const set = { count: 42, phone: "+15550001", text: "7", list: ["a", "b"], null: "", twice: 84 };
    const context = await contextOf(fixture.current, flowSid);
    expect(context.flow?.variables).toMatchObject(set);
    expect(Object.entries(context.widgets?.set ?? {})).toContainEqual(["__proto__", "own"]);
  });
});

describe("templates", () => {
  it.each([
    ["{{flow.data.unset}}{{widgets.none.parsed.x}}", ""],
    ["{% if flow.variables.x %}yes{% else %}no{% endif %}", "no"],
    ["{% for i in (1..40) %}{{i}}{% endfor %}", "123456789101112131415"],
    ["{% for i in (1..40) limit: 2 %}{{i}}{% endfor %}", "12"],
    ["{{flow.data.items | to_json}}", '["a","b"]'],
    ["{{flow.data.items | join: '-' | upcase}}", "A-B"],
    ["{{'now' | date: '%Y-%m-%d %H:%M'}}", "2026-01-05 02:00"],
    ["{{flow.data.constructor}}{{flow.data.items.first}}", "a"],
  ])("%s", async (value, expected) => {
    const variables = [{ key: "result", value, type: "string" }];
    const items = ["a", "b"];
    const flowSid = await run(fixture.current, { items }, state("set", "set-variables", { variables }));
    expect((await contextOf(fixture.current, flowSid)).flow?.variables).toEqual({ result: expected });
  });

  it("that are broken end the execution, with the reason", async () => {
    const flowSid = await run(fixture.current, {}, says("say", "{% if %}"));
    expect(await stepsOf(fixture.current, flowSid)).toEqual(["Trigger: incomingRequest > say"]);
    expect((await notesOf(fixture.current)).join()).toMatch(/^say: /);
  });
});

describe("run-function", () => {
  const call = (url: string, next?: string) =>
    state(
      "call",
      "run-function",
      { url, parameters: [{ key: "name", value: "{{flow.data.name}}" }] },
      { success: next, fail: undefined },
    );

  it("sends its parameters as a signed form, and parses the answer", async () => {
    const account = fixture.current;
    const receiver = await account.receiver((_request, response) =>
      response.setHeader("Content-Type", "application/json").end('{"status":"sent"}'),
    );
    const flowSid = await run(
      account,
      { name: "Zoë & Co" },
      call(receiver.url, "say"),
      says("say", "{{widgets.call.parsed.status}}"),
    );
    const [request] = receiver.received;
    expect(request?.fields.get("name")).toBe("Zoë & Co");
    const signature = String(request?.headers["x-twilio-signature"]);
    expect(
      getExpectedTwilioSignature(account.emulator.authToken, `${receiver.url}/`, { name: "Zoë & Co" }),
    ).toBe(signature);
    expect((await contextOf(account, flowSid)).widgets?.call).toEqual({
      content_type: "application/json",
      status_code: 200,
      body: '{"status":"sent"}',
      parsed: { status: "sent" },
    });
    expect((await account.inbox(person)).map(({ body }) => body)).toEqual(["sent"]);
  });

  it.each([
    ["a rejection", 404, "{}", "fail"],
    ["a list, which is not parsed", 200, "[1]", "success"],
    ["an answer of more than 64 kB", 200, `"${"x".repeat(65_536)}"`, "fail"],
  ])("leaves by the right event upon %s", async (_what, status, body, event) => {
    const account = fixture.current;
    const receiver = await account.receiver((_request, response) =>
      response.writeHead(status, { "Content-Type": "application/json" }).end(body),
    );
    const flowSid = await run(account, {}, call(receiver.url));
    expect(await stepsOf(account, flowSid)).toContain(`call: ${event} > Ended`);
  });

  it("fails after ten seconds, and where the URL is none", async () => {
    const account = fixture.current;
    const asked: (() => void)[] = [];
    const isAsked = new Promise<void>((resolve) => asked.push(resolve));
    const receiver = await account.receiver(() => asked[0]?.());
    const flowSid = await publish(account, flowOf(call("{{flow.data.url}}")));
    const { executions } = account.client.studio.v2.flows(flowSid);
    const start = (url: string, to: string) =>
      executions.create({ to, from: account.emulator.smsNumber, parameters: { url } });
    await start(receiver.url, person);
    await isAsked;
    await account.control("POST", "/clock/advance", { duration: "PT10S", settle: false });
    await account.emulator.settle();
    await start("http://a b/", "+15558675311");
    await account.emulator.settle();
    expect((await stepsOf(account, flowSid)).at(-1)).toBe("call: fail > Ended");
    expect(await notesOf(account)).toEqual([
      "call: no answer within 10 s",
      'call: "http://a b/" is not a URL',
    ]);
  });

  it("merges what is parsed when it runs again", async () => {
    const account = fixture.current;
    const answers = ['{"a":1,"b":1}', '{"b":2}', "no JSON"];
    const receiver = await account.receiver((_request, response) =>
      response.setHeader("Content-Type", "application/json").end(answers.shift()),
    );
    const again = {
      ...state("again", "split-based-on", { input: "x" }),
      transitions: [
        {
          event: "match",
          next: "call",
          conditions: [
            { friendly_name: "", arguments: ["{{widgets.call.body}}"], type: "contains", value: "{" },
          ],
        },
        { event: "noMatch" },
      ],
    };
    const flowSid = await run(account, {}, call(receiver.url, "again"), again);
    expect((await contextOf(account, flowSid)).widgets?.call).toMatchObject({
      body: "no JSON",
      parsed: { a: 1, b: 2 },
    });
  });
});

describe("make-http-request", () => {
  const request = (properties: Record<string, unknown>) =>
    state("call", "make-http-request", properties, { success: undefined, failed: undefined });
  const parameters = [{ key: "q", value: "a&b" }];

  it("posts JSON with its digest in the signed URL, and parameters in the query", async () => {
    const account = fixture.current;
    const receiver = await account.receiver();
    const body = '{"name":"{{flow.data.name}}"}';
    const content_type = "application/json;charset=utf-8";
    await run(
      account,
      { name: "Ann" },
      request({ method: "POST", url: receiver.url, content_type, body, parameters }),
    );
    const [got] = receiver.received;
    expect(got?.body).toBe('{"name":"Ann"}');
    const url = new URL(`${receiver.url}${got?.url}`);
    expect(url.searchParams.get("q")).toBe("a&b");
    expect(url.searchParams.get("bodySHA256")).toBe(
      createHash("sha256").update('{"name":"Ann"}').digest("hex"),
    );
    const signature = String(got?.headers["x-twilio-signature"]);
    expect(validateRequest(account.emulator.authToken, signature, url.href, {})).toBe(true);
  });

  it("posts a form, removes credentials from the URL, and follows a redirect", async () => {
    const account = fixture.current;
    const receiver = await account.receiver((given, response) =>
      given.url === "/there"
        ? response.end("arrived")
        : response.writeHead(302, { Location: "/there" }).end(),
    );
    const url = receiver.url.replace("://", "://user:secret@");
    const content_type = "application/x-www-form-urlencoded;charset=utf-8";
    const flowSid = await run(account, {}, request({ method: "POST", url, content_type, parameters }));
    const [form, got] = receiver.received;
    expect(form?.fields.get("q")).toBe("a&b");
    expect(form?.headers.authorization).toBe(`Basic ${Buffer.from("user:secret").toString("base64")}`);
    expect(got?.method).toBe("GET");
    expect((await contextOf(account, flowSid)).widgets?.call).toMatchObject({
      body: "arrived",
      status_code: 200,
    });
  });

  it("adds Twilio's credentials for Twilio's APIs alone: elsewhere it fails without a request", async () => {
    const account = fixture.current;
    const receiver = await account.receiver();
    const flowSid = await run(
      account,
      {},
      request({ method: "GET", url: receiver.url, add_twilio_auth: true }),
    );
    expect(await stepsOf(account, flowSid)).toContain("call: failed > Ended");
    expect(receiver.received).toEqual([]);
  });
});

describe("a widget that the emulator lacks", () => {
  it("is named in the log and ends the execution", async () => {
    const account = fixture.current;
    const flowSid = await run(account, {}, state("talk", "say-play", { say: "Hello" }));
    expect(await notesOf(account)).toEqual(["talk: not emulated: the widget say-play"]);
    expect(await stepsOf(account, flowSid)).toEqual(["Trigger: incomingRequest > talk"]);
  });
});

describe("an execution's limits", () => {
  it("are ten times the same widget in a row", async () => {
    const account = fixture.current;
    const flowSid = await run(account, {}, says("say", "Again", "say"));
    expect(await account.inbox(person)).toHaveLength(10);
    expect(await notesOf(account)).toEqual(["say: came here more than 10 times in a row"]);
    expect(await stepsOf(account, flowSid)).toHaveLength(11);
  });

  it("are a thousand steps", async () => {
    const account = fixture.current;
    const next = (name: string, to: string) => state(name, "set-variables", { variables: [] }, { next: to });
    await run(account, {}, next("one", "two"), next("two", "one"));
    expect(await notesOf(account)).toEqual(["more than 1000 steps"]);
  });

  it("are thirty days", async () => {
    const account = fixture.current;
    const properties = { from: "{{flow.channel.address}}", body: "?", timeout: "9999999" };
    const flowSid = await run(account, {}, state("ask", "send-and-wait-for-reply", properties));
    await account.emulator.advance(30 * 24 * 3600 * 1000);
    const [execution] = await account.client.studio.v2.flows(flowSid).executions.list();
    expect(execution?.status).toBe("ended");
  });
});

describe("send-message from a number", () => {
  const sends = (properties: object) =>
    state(
      "send",
      "send-message",
      { from: "{{flow.channel.address}}", body: "Hello", ...properties },
      { failed: undefined },
    );

  it.each([
    ["5550100", "send: 21211: Invalid 'To' Phone Number: 5550100"],
    [
      "whatsapp:+15558675311",
      "send: 21910: Invalid 'From' and 'To' pair: +15017122661 and whatsapp:+15558675311 are not on the same channel",
    ],
  ])("fails to %s", async (to, note) => {
    const account = fixture.current;
    const flowSid = await run(account, {}, sends({ to }));
    expect(await stepsOf(account, flowSid)).toContain("send: failed > Ended");
    expect(await notesOf(account)).toEqual([note]);
  });

  it("is sent, although it is undelivered on WhatsApp outside the window", async () => {
    const account = fixture.current;
    const { whatsappNumber: from } = account.emulator;
    const to = "whatsapp:+15558675311";
    const flowSid = await run(account, {}, sends({ from, to }));
    expect(await stepsOf(account, flowSid)).toContain("send: sent > Ended");
    expect((await contextOf(account, flowSid)).widgets?.send).toMatchObject({
      outbound: { ErrorCode: 63016 },
    });
    expect(await account.inbox(to)).toEqual([]);
  });
});

describe("send-and-wait-for-reply", () => {
  const asking = (next: string) =>
    state(
      "ask",
      "send-and-wait-for-reply",
      { from: "{{flow.channel.address}}", body: "Well?", timeout: "3600" },
      { deliveryFailure: next, timeout: undefined },
    );
  const note = () => state("note", "set-variables", { variables: [] }, { next: undefined });
  const isOut = (account: TestAccount, phone: string, to: string) =>
    account.control("POST", `/phones/${encodeURIComponent(phone)}`, { state: to });

  it("fails when a number's message is not delivered", async () => {
    const account = fixture.current;
    await isOut(account, person, "unreachable");
    const flowSid = await run(account, {}, asking("note"), note());
    expect(await stepsOf(account, flowSid)).toContain("ask: deliveryFailure > note");
  });

  it("fails in a conversation when the receipts say that it has reached nobody", async () => {
    const account = fixture.current;
    const flowSid = await publish(account, flowOf(asking("note"), note()));
    const conversation = await attached(account, flowSid);
    await isOut(account, person, "unreachable");
    await conversation.messages.create({ author: "agent", body: "Start", xTwilioWebhookEnabled: "true" });
    await account.emulator.settle();
    expect(await stepsOf(account, flowSid)).toEqual([
      "Trigger: incomingConversationMessage > ask",
      "ask: deliveryFailure > note",
      "note: next > Ended",
    ]);
    expect((await contextOf(account, flowSid)).widgets?.ask).toMatchObject({
      outbound: { Body: "Well?", Status: "undelivered", ErrorCode: 30003 },
    });
  });

  it("waits in a conversation as long as one recipient has it", async () => {
    const account = fixture.current;
    const flowSid = await publish(account, flowOf(asking("note"), note()));
    const conversation = await attached(account, flowSid);
    await conversation.participants.create({
      "messagingBinding.address": "whatsapp:+15558675312",
      "messagingBinding.proxyAddress": account.emulator.whatsappNumber,
    });
    await write(account, "Hello");
    expect(await stepsOf(account, flowSid)).toEqual(["Trigger: incomingConversationMessage > ask"]);
  });
});
