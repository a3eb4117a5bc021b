import { createServer } from "node:net";
import twilio from "twilio";
import { describe, expect, it, onTestFinished } from "vitest";
import { withWebhooks } from "../support/client.ts";
import { type TestAccount, useAccount } from "../support/emulator.ts";
import type { Receiver } from "../support/receiver.ts";

const fixture = useAccount();

/** A conversation with a webhook at `url`, and one message that it receives. */
async function tell(account: TestAccount, url: string) {
  const conversation = await account.conversation();
  await conversation.webhooks.create({
    target: "webhook",
    "configuration.url": url,
    "configuration.filters": ["onMessageAdded"],
  });
  await conversation.messages.create({ body: "first", ...withWebhooks });
  return conversation;
}

/** Responds with these statuses, one after the other, and then with 200. */
function flaky(account: TestAccount, ...statuses: number[]): Promise<Receiver> {
  return account.receiver((_request, response) => response.writeHead(statuses.shift() ?? 200).end());
}

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setImmediate(resolve));
}

function codes(attempts: Awaited<ReturnType<TestAccount["webhooks"]>>) {
  return attempts.map(({ response, error }) => response?.status ?? error?.code);
}

/** "Webhook connection overrides". */
describe("the connection overrides of a webhook's URL", () => {
  it.each([
    ["#rc=3&rp=5xx", [503, 502], [503, 502, 200]],
    ["#rc=1&rp=5xx", [503, 503, 503], [503, 503]],
    ["#rc=5&rp=4xx", [429, 503, 503], [429, 503]],
    ["#rc=2&rp=4xx,5xx", [404, 500], [404, 500, 200]],
    ["#rc=2&rp=all", [404, 500], [404, 500, 200]],
    ["#rp=5xx", [500, 500], [500, 500]],
    ["#rc=0&rp=5xx", [500], [500]],
    ["#rc=5", [500], [500]],
    ["#rc=5&rp=all", [302], [302]],
    ["#e=ashburn&sni=y", [500], [500]],
    ["", [500], [500]],
  ])("%j retries answers of %j as %j", async (fragment, answers, attempts) => {
    const account = fixture.current;
    const receiver = await flaky(account, ...answers);
    await tell(account, `${receiver.url}/hook${fragment}`);
    await account.emulator.settle();
    expect(codes(await account.webhooks())).toEqual(attempts);
    expect(receiver.values("RetryCount")).toEqual(attempts.map((_status, i) => `${i}`));
  });

  it("are neither requested nor signed, and each retry has its count and the same token", async () => {
    const account = fixture.current;
    const receiver = await flaky(account, 500, 500);
    await tell(account, `${receiver.url}/hook?key=1#rc=2&rp=5xx`);
    await account.emulator.settle();
    expect(receiver.received.map(({ url }) => url)).toEqual(["/hook?key=1", "/hook?key=1", "/hook?key=1"]);
    const tokens = receiver.received.map(({ headers }) => headers["i-twilio-idempotency-token"]);
    expect(new Set(tokens).size).toBe(1);
    for (const { headers, fields } of receiver.received) {
      const signature = String(headers["x-twilio-signature"]);
      const signed = `${receiver.url}/hook?key=1`;
      const isValid = twilio.validateRequest(
        account.emulator.authToken,
        signature,
        signed,
        Object.fromEntries(fields),
      );
      expect(isValid).toBe(true);
    }
    expect((await account.webhooks()).map(({ retryCount }) => retryCount)).toEqual([0, 1, 2]);
  });

  it.each([
    ["", [11205]],
    ["#rc=2", [11205, 11205, 11205]],
    ["#tt=4000", [11205, 11205]],
    ["#rc=2&rp=5xx,rt", [11205]],
  ])("%j attempt to connect to a closed port as %j", async (fragment, attempts) => {
    const account = fixture.current;
    const gone = await account.receiver();
    await gone.close();
    await tell(account, `${gone.url}/${fragment}`);
    await account.emulator.settle();
    expect(codes(await account.webhooks())).toEqual(attempts);
  });

  it("retry a truncated response as a read failure, not as a connection failure", async () => {
    const account = fixture.current;
    const broken = await account.receiver((_request, response) => response.destroy());
    await tell(account, `${broken.url}/#rc=1&rp=rt`);
    await tell(account, `${broken.url}/#rc=1&rp=ct`);
    await account.emulator.settle();
    expect(codes(await account.webhooks()).toSorted()).toEqual([11200, 11200, 11200]);
  });

  it("limit the time of each read", async () => {
    const account = fixture.current;
    const silent = await account.receiver(() => {});
    await tell(account, `${silent.url}/#rc=1&rp=rt&rt=1000`);
    for (const attempts of [1, 2]) {
      await until(() => silent.received.length === attempts);
      await account.control("POST", "/clock/advance", { duration: "PT1S", settle: false });
    }
    await account.emulator.settle();
    expect(await account.webhooks()).toMatchObject([
      { retryCount: 0, error: { code: 11200, message: expect.stringContaining("within 1 s") } },
      { retryCount: 1, error: { code: 11200 } },
    ]);
  });

  it("time out on a response that stops midway, and count that as a read failure", async () => {
    const account = fixture.current;
    let answers = 0;
    const receiver = await account.receiver((_request, response) => {
      answers += 1;
      if (answers === 1) response.writeHead(200).write("half of the");
      else response.end("whole");
    });
    await tell(account, `${receiver.url}/#rc=1&rp=rt&rt=1000`);
    await until(() => answers === 1);
    await account.control("POST", "/clock/advance", { duration: "PT1S", settle: false });
    await account.emulator.settle();
    expect(codes(await account.webhooks())).toEqual([11200, 200]);
  });

  it("count a kept connection that is refused when it is reopened as a connection failure", async () => {
    const account = fixture.current;
    const receiver = await account.receiver();
    const conversation = await tell(account, `${receiver.url}/#rc=1&rp=ct`);
    await account.emulator.settle();
    await receiver.close();
    await conversation.messages.create({ body: "second", ...withWebhooks });
    await account.emulator.settle();
    expect(codes(await account.webhooks())).toEqual([200, 11205, 11205]);
  });

  it("limit the time to connect, TLS included", async () => {
    const account = fixture.current;
    let connections = 0;
    const mute = createServer(() => {
      connections += 1;
    });
    await new Promise<void>((resolve) => mute.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void mute.close());
    const address = mute.address();
    const port = typeof address === "object" ? address?.port : undefined;
    await tell(account, `https://127.0.0.1:${port}/#ct=1000&rc=1`);
    for (const attempts of [1, 2]) {
      await until(() => connections === attempts);
      await account.control("POST", "/clock/advance", { duration: "PT1S", settle: false });
    }
    await account.emulator.settle();
    expect(codes(await account.webhooks())).toEqual([11205, 11205]);
  });

  it.each([
    ["#rc=5&rp=all&tt=2000", "PT2S", 11203],
    ["#rc=5&rp=all&tt=15000", "PT5S", 11203],
    ["#rc=5&rp=all&rt=15000", "PT5S", 11200],
  ])(
    "%j end all attempts together after %s, the five seconds of Conversations at most",
    async (fragment, duration, code) => {
      const account = fixture.current;
      const silent = await account.receiver(() => {});
      await tell(account, `${silent.url}/${fragment}`);
      await until(() => silent.received.length === 1);
      await account.control("POST", "/clock/advance", { duration, settle: false });
      await account.emulator.settle();
      expect(codes(await account.webhooks())).toEqual([code]);
    },
  );

  it.each([
    ["#rp=6xx", 11243],
    ["#rp=", 11243],
    ["#rc=6", 11200],
    ["#rc=-1", 11200],
    ["#ct=99", 11200],
    ["#rt=15001", 11200],
    ["#tt=soon", 11200],
  ])("that are invalid, such as %j, fail the delivery before it is sent", async (fragment, code) => {
    const account = fixture.current;
    const receiver = await account.receiver();
    await tell(account, `${receiver.url}/${fragment}`);
    await account.emulator.settle();
    expect(receiver.received).toEqual([]);
    const name = fragment.slice(1).split("=", 1).join();
    expect(await account.webhooks()).toMatchObject([
      { response: null, error: { code, message: expect.stringContaining(`${name}=`) } },
    ]);
  });

  it("keep the order of a conversation, and delay no other", async () => {
    const account = fixture.current;
    const held: (() => void)[] = [];
    const slow = await account.receiver((_request, response) =>
      held.push(() => response.writeHead(500).end()),
    );
    const conversation = await tell(account, `${slow.url}/#rc=1&rp=5xx`);
    await conversation.messages.create({ body: "second", ...withWebhooks });
    const other = await account.receiver();
    await tell(account, other.url);
    await until(() => other.received.length === 1 && held.length === 1);
    for (let answered = 0; answered < 4; answered += 1) {
      await until(() => held.length > answered);
      held[answered]?.();
    }
    await account.emulator.settle();
    expect(slow.values("Body")).toEqual(["first", "first", "second", "second"]);
    expect(slow.values("RetryCount")).toEqual(["0", "1", "0", "1"]);
  });
});
