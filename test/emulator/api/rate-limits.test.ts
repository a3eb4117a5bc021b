import { describe, expect, it } from "vitest";
import { useBench } from "../support/emulator.ts";

const bench = useBench({ rateLimits: true });

async function createTimes(times: number, path: string, form: (i: number) => string) {
  const answers = [];
  for (let i = 0; i < times; i += 1) answers.push(await bench.current.rest("POST", path, form(i)));
  return answers;
}

describe("rate limits", () => {
  it("let 30 actions a second pass on a conversation, and refuse the next with 429", async () => {
    const b = bench.current;
    const { sid } = await b.conversations.create();
    const path = `/v1/Conversations/${sid}/Messages`;
    const answers = await createTimes(31, path, () => "Body=x");
    expect(answers.slice(0, 30).map(({ status }) => status)).toEqual(new Array(30).fill(201));
    const refused = answers[30];
    expect(refused).toMatchObject({ status: 429, body: { code: 20429, message: "Too Many Requests" } });
    expect(refused?.headers.get("retry-after")).toBe("1");

    const other = await b.conversations.create();
    expect((await b.rest("POST", `/v1/Conversations/${other.sid}/Messages`, "Body=x")).status).toBe(201);
    expect((await b.rest("GET", path)).status).toBe(200);
    await b.emulator.advance(1000);
    expect((await b.rest("POST", path, "Body=x")).status).toBe(201);
  });

  it("count by service what is created in a service", async () => {
    const b = bench.current;
    const answers = await createTimes(31, "/v1/Users", (i) => `Identity=user${i}`);
    expect(answers.at(-1)?.status).toBe(429);
    expect((await b.rest("POST", "/v1/Conversations")).status).toBe(429);
    const { body } = await b.rest("POST", "/v1/Services", "FriendlyName=Another");
    expect((await b.rest("POST", `/v1/Services/${body.sid}/Conversations`)).status).toBe(201);
  });
});
