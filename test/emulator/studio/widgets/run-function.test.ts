import { getExpectedTwilioSignature } from "twilio/lib/webhooks/webhooks.js";
import { describe, expect, it } from "vitest";
import { useAccount } from "../../support/emulator.ts";
import { contextOf, flowOf, notesOf, person, publish, run, says, state, stepsOf } from "../flow.ts";

const fixture = useAccount();

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
