import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { getExpectedTwilioSignature } from "twilio/lib/webhooks/webhooks.js";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Call } from "../../../core/call.ts";
import { opener, standardOutput, withCurrentSecrets } from "../../../core/platforms/opener.ts";
import { readSecrets } from "../../../core/platforms/secrets-extension.ts";
import { startEmulator } from "../../../emulator/emulator.ts";
import find from "../../../handlers/conversations/find.ts";
import token from "../../../handlers/token.ts";
import { callerToken, credentials } from "../../support/credentials.ts";
import { event, invoke, lambdaHandler } from "../../support/gateway.ts";

const toClose: { close(): void }[] = [];
afterEach(() => {
  vi.useRealTimers();
  for (const one of toClose.splice(0)) one.close();
});

const later = (seconds: number) => vi.setSystemTime(Date.now() + seconds * 1_000);

/** The extension that reads secrets, and the environment of a function that has it. */
async function extension(answer: RequestListener): Promise<Record<string, string>> {
  const server = createServer(answer);
  toClose.push(server);
  await new Promise<void>((resolve) => server.listen(0, "localhost", resolve));
  const port = String((server.address() as AddressInfo).port);
  const { CHAT_SERVICE_SID } = credentials;
  return {
    SECRET_ID: "arn:aws:secretsmanager:parley",
    AWS_SESSION_TOKEN: "session",
    PARAMETERS_SECRETS_EXTENSION_HTTP_PORT: port,
    CHAT_SERVICE_SID,
  };
}

describe("opener", () => {
  let secret: Record<string, string>;
  let reads: number;
  let isBroken: boolean;
  const lines: string[] = [];
  const logged = () => lines.map((line) => JSON.parse(line));
  async function start() {
    const opened = vi.fn(({ AUTH_TOKEN, PLAIN }: Readonly<Record<string, unknown>>) => ({
      AUTH_TOKEN,
      PLAIN,
    }));
    const environment = await extension((_request, response) => {
      reads += 1;
      response.writeHead(isBroken ? 500 : 200).end(JSON.stringify({ SecretString: JSON.stringify(secret) }));
    });
    const given = { ...environment, PLAIN: "of the function", AUTH_TOKEN: "of the function" };
    return { opened, handlers: opener(opened, "test", given, (_level, line) => lines.push(line)) };
  }
  beforeEach(() => {
    secret = { AUTH_TOKEN: "one" };
    reads = 0;
    isBroken = false;
    lines.length = 0;
    vi.useFakeTimers({ toFake: ["Date"] });
  });

  it.each([{}, { SECRET_ID: "" }, { SECRET_ID: 1 }])(
    "opens at once, and never again, with %j",
    async (environment) => {
      const opened = vi.fn(() => ({}));
      const handlers = opener(opened, "test", environment, () => undefined);
      expect(opened).toHaveBeenCalledTimes(1);
      const first = await handlers.open();
      expect(await handlers.open()).toBe(first);
      expect(await handlers.openAgain(first)).toBeUndefined();
      expect(opened).toHaveBeenCalledTimes(1);
    },
  );

  it("lets the secret's variables take precedence over the function's", async () => {
    const { handlers } = await start();
    expect(await handlers.open()).toEqual({ AUTH_TOKEN: "one", PLAIN: "of the function" });
  });

  it("reads the secret again after a minute, opens again only if it has changed, and logs that", async () => {
    const { opened, handlers } = await start();
    const first = await handlers.open();
    later(59.999);
    expect(await handlers.openAgain(first)).toBeUndefined();
    expect(reads).toBe(1);
    later(0.001);
    expect(await handlers.openAgain(first)).toBeUndefined();
    expect(reads).toBe(2);
    expect(await handlers.open()).toBe(first);
    expect(lines).toEqual([]);
    secret = { AUTH_TOKEN: "two" };
    later(60);
    const second = await handlers.openAgain(first);
    expect(second).toMatchObject({ AUTH_TOKEN: "two" });
    expect(await handlers.open()).toBe(second);
    expect(logged()).toMatchObject([{ level: "info", event: "secrets_changed", handler: "test" }]);
    // Another call has used the first one until now.
    later(60);
    expect(await handlers.openAgain(first)).toBe(second);
    expect([reads, opened.mock.calls.length]).toEqual([3, 3]);
  });

  it("keeps what it has when the secret cannot be read, and logs why", async () => {
    const { handlers } = await start();
    const first = await handlers.open();
    isBroken = true;
    later(60);
    expect(await handlers.openAgain(first)).toBeUndefined();
    expect(await handlers.open()).toBe(first);
    expect(logged()).toMatchObject([
      {
        level: "error",
        event: "secrets_not_read",
        error: { message: expect.stringContaining("answered 500") },
      },
    ]);
  });

  it("repeats a call with the new secrets unless it was accepted, or may have had an effect", async () => {
    const { handlers } = await start();
    await handlers.open();
    const used: unknown[] = [];
    const run = (act: (call: Call) => void) =>
      withCurrentSecrets(handlers, new Call("r1", Date.now() + 10_000), ({ AUTH_TOKEN }, call) => {
        used.push(AUTH_TOKEN);
        if (AUTH_TOKEN === secret.AUTH_TOKEN) return "accepted";
        act(call);
        return "rejected";
      });
    secret = { AUTH_TOKEN: "two" };
    later(60);
    expect(await run(() => undefined)).toBe("rejected");
    expect(reads).toBe(1);
    expect(await run((call) => call.noteRefusal())).toBe("accepted");
    expect(used.splice(0)).toEqual(["one", "one", "two"]);
    secret = { AUTH_TOKEN: "three" };
    expect(await run((call) => call.noteRefusal())).toBe("rejected");
    later(60);
    const withEffect = (call: Call) => {
      call.noteEffect();
      call.noteRefusal();
    };
    expect(await run(withEffect)).toBe("rejected");
    expect(used).toEqual(["two", "two"]);
    expect(await run(withEffect)).toBe("accepted");
  });

  it("writes log lines to standard output as they are", () => {
    const write = vi.spyOn(process.stdout, "write").mockReturnValue(true);
    standardOutput("info", '{"a":1}');
    expect(write.mock.calls).toEqual([['{"a":1}\n']]);
    write.mockRestore();
  });
});

describe("readSecrets", () => {
  const DENIED =
    "The secrets extension answered 403 for the secret in SECRET_ID. May this function's role read it?";
  const NO_OBJECT = 'The secret in SECRET_ID must be a JSON object of variables, such as {"AUTH_TOKEN":"…"}.';
  const secretString = (text: string) => JSON.stringify({ SecretString: text });

  it.each([
    [403, secretString('{"A":"1"}'), DENIED],
    [200, "no JSON", NO_OBJECT],
    [200, "{}", NO_OBJECT],
    [200, secretString("no JSON"), NO_OBJECT],
    [200, secretString("null"), NO_OBJECT],
    [200, secretString("[1]"), NO_OBJECT],
    [200, secretString('"text"'), NO_OBJECT],
    [200, secretString("1"), NO_OBJECT],
  ])("explains the answer %i %s, without quoting it", async (status, body, message) => {
    const environment = await extension((_request, response) => response.writeHead(status).end(body));
    const error: unknown = await readSecrets("name", environment).catch((rejected: unknown) => rejected);
    expect(error).toMatchObject({ code: "misconfigured", message });
    expect(error).not.toHaveProperty("cause");
  });

  it("sends the session's token where there is one", async () => {
    const asked: unknown[] = [];
    const environment = await extension((request, response) => {
      asked.push([request.method, request.headers["x-aws-parameters-secrets-token"]]);
      response.end(secretString('{"A":"1"}'));
    });
    expect(await readSecrets("name", environment)).toEqual({ A: "1" });
    await readSecrets("name", { ...environment, AWS_SESSION_TOKEN: undefined });
    expect(asked).toEqual([
      ["GET", "session"],
      ["GET", ""],
    ]);
  });

  it("explains that the extension does not answer", async () => {
    const environment = await extension((request) => request.destroy());
    await expect(readSecrets("name", environment)).rejects.toMatchObject({
      code: "misconfigured",
      message: "The secrets extension does not answer. Is its layer attached to this function?",
      cause: expect.any(Error),
    });
  });
});

describe("lambdaHandler with SECRET_ID", () => {
  const { CHAT_SERVICE_SID: _plain, ...secrets } = credentials;
  const authorized = async () =>
    event({ headers: { authorization: `Bearer ${await callerToken({ sub: "alice" })}` } });

  it("reads the secret through the extension, once", async () => {
    const asked: unknown[] = [];
    const environment = await extension((request, response) => {
      asked.push([request.url, request.headers["x-aws-parameters-secrets-token"]]);
      response.end(JSON.stringify({ SecretString: JSON.stringify(secrets) }));
    });
    const handler = lambdaHandler(token, "token", environment);
    const results = await Promise.all([
      invoke(handler, await authorized()),
      invoke(handler, await authorized()),
    ]);
    expect(results.map(({ statusCode }) => statusCode)).toEqual([200, 200]);
    expect(asked).toEqual([["/secretsmanager/get?secretId=arn%3Aaws%3Asecretsmanager%3Aparley", "session"]]);
  });

  describe("that changes", () => {
    const FIELDS = { address: "+15558675310", includeClosed: "true" };
    const url = "https://api.example.com/conversations/find";
    const signedEvent = (authToken: string) =>
      event({
        routeKey: "POST /conversations/find",
        rawPath: "/conversations/find",
        headers: {
          "content-type": "application/x-www-form-urlencoded",
          "x-twilio-signature": getExpectedTwilioSignature(authToken, url, FIELDS),
        },
        body: new URLSearchParams(FIELDS).toString(),
      });
    /** A warm function whose secret is replaced now. */
    async function warm() {
      const emulator = await startEmulator();
      toClose.push({ close: () => void emulator.close() });
      let secret: Record<string, string> = {
        ACCOUNT_SID: emulator.accountSid,
        AUTH_TOKEN: emulator.authToken,
        CHAT_SERVICE_SID: emulator.chatServiceSid,
        TWILIO_API_KEY_SID: emulator.apiKeySid,
        TWILIO_API_KEY_SECRET: emulator.apiKeySecret,
      };
      let reads = 0;
      const environment = await extension((_request, response) => {
        reads += 1;
        response.end(JSON.stringify({ SecretString: JSON.stringify(secret) }));
      });
      const settings = { ...environment, TWILIO_BASE_URL: emulator.url };
      const handler = lambdaHandler(find, "conversations/find", settings);
      const call = async (authToken: string) => (await invoke(handler, signedEvent(authToken))).statusCode;
      return {
        emulator,
        call,
        reads: () => reads,
        change: (parts: Record<string, string>) => (secret = { ...secret, ...parts }),
      };
    }

    it("is read again after an invalid signature, at most once a minute", async () => {
      vi.useFakeTimers({ toFake: ["Date"] });
      const { emulator, call, change, reads } = await warm();
      const promoted = "the token that was promoted";
      expect(await call(emulator.authToken)).toBe(200);
      change({ AUTH_TOKEN: promoted });
      expect(await call(promoted)).toBe(403);
      expect(reads()).toBe(1);
      later(61);
      expect(await Promise.all([call(promoted), call(promoted)])).toEqual([200, 200]);
      expect(await call("a forger's token of some length")).toBe(403);
      expect(reads()).toBe(2);
      later(61);
      expect(await call("a forger's token of some length")).toBe(403);
      expect(await call(promoted)).toBe(200);
      expect(reads()).toBe(3);
    });

    it("is read again when Twilio rejects the credentials", async () => {
      vi.useFakeTimers({ toFake: ["Date"] });
      const { emulator, call, change } = await warm();
      const { apiKeySecret: good } = emulator;
      change({ TWILIO_API_KEY_SECRET: "the secret of a key that was deleted" });
      expect(await call(emulator.authToken)).toBe(500);
      later(61);
      change({ TWILIO_API_KEY_SECRET: good });
      expect(await call(emulator.authToken)).toBe(200);
    });

    it("is kept when it can no longer be read", async () => {
      vi.useFakeTimers({ toFake: ["Date"] });
      const { emulator, call, change } = await warm();
      expect(await call(emulator.authToken)).toBe(200);
      later(61);
      change({ ACCOUNT_SID: "none" });
      expect(await call("an unknown token")).toBe(403);
      expect(await call(emulator.authToken)).toBe(200);
    });
  });

  it.each([
    ["does not allow it", 403, "denied"],
    ["returns no JSON", 200, "plain text"],
    ["returns a secret that is not an object", 200, JSON.stringify({ SecretString: "[1]" })],
  ])(
    "answers 500 without details when the extension %s, and retries at the next call",
    async (_what, status, body) => {
      let isBroken = true;
      const environment = await extension((_request, response) => {
        response
          .writeHead(isBroken ? status : 200)
          .end(isBroken ? body : JSON.stringify({ SecretString: JSON.stringify(secrets) }));
      });
      const handler = lambdaHandler(token, "token", environment);
      const failed = await invoke(handler, await authorized());
      expect(failed.statusCode).toBe(500);
      expect(JSON.parse(failed.body ?? "")).toMatchObject({ code: "misconfigured" });
      isBroken = false;
      expect((await invoke(handler, await authorized())).statusCode).toBe(200);
    },
  );
});
