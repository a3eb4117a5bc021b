import { describe, expect, it } from "vitest";
import { useAccount } from "../support/emulator.ts";

const fixture = useAccount({ rateLimits: true });

async function createTimes(times: number, path: string, form: (i: number) => string) {
  const answers = [];
  for (let i = 0; i < times; i += 1) answers.push(await fixture.current.rest("POST", path, form(i)));
  return answers;
}

describe("rate limits", () => {
  it("let 30 actions a second pass on a conversation, and refuse the next with 429", async () => {
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
});
