import { describe, expect, it } from "vitest";
import { attached, flowOf, notesOf, publish, received, says, write } from "../studio/flow.ts";
import { useAccount } from "../support/emulator.ts";

const fixture = useAccount({ rateLimits: true });

async function createTimes(times: number, path: string, form: (i: number) => string) {
  const answers = [];
  for (let i = 0; i < times; i += 1) answers.push(await fixture.current.rest("POST", path, form(i)));
  return answers;
}

describe("rate limits", () => {
  it("allow 30 actions a second on a conversation, and reject the next with 429", async () => {
    const account = fixture.current;
    const { sid } = await account.conversations.create();
    const path = `/v1/Conversations/${sid}/Messages`;
    const answers = await createTimes(31, path, () => "Body=x");
    expect(answers.slice(0, 30).map(({ status }) => status)).toEqual(new Array(30).fill(201));
    const refused = answers[30];
    expect(refused).toMatchObject({ status: 429, body: { code: 20429, message: "Too Many Requests" } });
    expect(refused?.headers.get("retry-after")).toBe("1");

    const other = await account.conversations.create();
    expect((await account.rest("POST", `/v1/Conversations/${other.sid}/Messages`, "Body=x")).status).toBe(
      201,
    );
    expect((await account.rest("GET", path)).status).toBe(200);
    await account.emulator.advance(1000);
    expect((await account.rest("POST", path, "Body=x")).status).toBe(201);
  });

  it("count by service what is created in a service", async () => {
    const account = fixture.current;
    const answers = await createTimes(31, "/v1/Users", (i) => `Identity=user${i}`);
    expect(answers.at(-1)?.status).toBe(429);
    expect((await account.rest("POST", "/v1/Conversations")).status).toBe(429);
    const { body } = await account.rest("POST", "/v1/Services", "FriendlyName=Another");
    expect((await account.rest("POST", `/v1/Services/${body.sid}/Conversations`)).status).toBe(201);
  });

  it("let 20 executions a second start by REST, and 100 by messages", async () => {
    const account = fixture.current;
    const flowSid = await publish(account, flowOf(says("say", "Hello")));
    const path = `/v2/Flows/${flowSid}/Executions`;
    const from = encodeURIComponent(account.emulator.smsNumber);
    const start = (i: number) => account.rest("POST", path, `To=%2B1555867${5310 + i}&From=${from}`);
    const answers = [];
    for (let i = 0; i <= 20; i += 1) answers.push(await start(i));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(20);
    expect(answers.at(-1)).toMatchObject({ status: 429, body: { code: 20429 } });
    await account.emulator.advance(1000);
    expect((await start(21)).status).toBe(201);

    await attached(account, flowSid);
    for (let i = 0; i <= 100; i += 1) await write(account, `Message ${i}`);
    expect(await received(account)).toHaveLength(101);
    expect((await notesOf(account)).at(-1)).toMatch(/^20429: Too Many Requests/);
    const { client } = account;
    await account.emulator.advance(1000);
    await write(account, "Hello");
    // Of 122 executions the oldest are removed.
    expect(await client.studio.v2.flows(flowSid).executions.list({ pageSize: 200 })).toHaveLength(100);
  });
});
