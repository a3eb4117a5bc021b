import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import fc from "fast-check";
import { getExpectedTwilioSignature } from "twilio/lib/webhooks/webhooks.js";
import * as v from "valibot";
import { afterEach, describe, expect, it, vi } from "vitest";
import { access } from "../../../core/access/access.ts";
import { defineHandler, type Handler } from "../../../core/handler.ts";
import { readGatewayEvent } from "../../../core/platforms/gateway-event.ts";
import * as lambda from "../../../core/platforms/lambda.ts";
import { startEmulator } from "../../../emulator/emulator.ts";
import find from "../../../handlers/conversations/find.ts";
import token from "../../../handlers/token.ts";
import { callerToken, credentials } from "../../support/credentials.ts";

const event = (parts: Record<string, unknown> = {}, http: Record<string, unknown> = {}) => ({
  version: "2.0",
  routeKey: "POST /token",
  rawPath: "/token",
  rawQueryString: "",
  headers: {},
  requestContext: {
    http: { method: "POST", path: "/token", ...http },
    domainName: "api.example.com",
    requestId: "g1",
  },
  isBase64Encoded: false,
  ...parts,
});

const toRequest = (input: unknown, environment: Record<string, string>) =>
  lambda.toRequest(readGatewayEvent(input), environment);
const lambdaHandler = (handler: Handler, name: string, environment: Record<string, string>) =>
  lambda.lambdaHandler(handler, name, environment, () => undefined);

const context = { awsRequestId: "r1", getRemainingTimeInMillis: () => 10_000 };
const invoke = (handler: ReturnType<typeof lambdaHandler>, input: unknown) =>
  handler(input as never, context as never);

describe("toRequest", () => {
  it.each([
    ["the default stage", { rawPath: "/token" }, "https://api.example.com/token", "https://api.example.com"],
    [
      "a named stage",
      { rawPath: "/prod/token" },
      "https://api.example.com/prod/token",
      "https://api.example.com/prod",
    ],
    ["a Function URL", { rawPath: "/", routeKey: "$default" }, "https://api.example.com/", undefined],
  ])("rebuilds the called URL behind %s", (_what, parts, url, publicBaseUrl) => {
    const request = toRequest(event(parts), {});
    expect(request.publicBaseUrl).toBe(publicBaseUrl);
    expect(request.url).toBe(url);
  });

  it("prefers the configured URL to the event's", () => {
    const request = toRequest(event({ rawPath: "/prod/token" }), {
      PUBLIC_BASE_URL: "https://cdn.example.com/",
    });
    expect(request).toMatchObject({
      url: "https://cdn.example.com/token",
      publicBaseUrl: "https://cdn.example.com",
    });
  });

  it("reads forms and JSON, plain or in base64; the body takes precedence over the query", () => {
    const form = { "Content-Type": "application/x-www-form-urlencoded; charset=utf-8" };
    const base64 = Buffer.from("a=1&b=2&b=3").toString("base64");
    expect(
      toRequest(
        event({ headers: form, body: base64, isBase64Encoded: true, rawQueryString: "a=0&c=%20" }),
        {},
      ).fields,
    ).toEqual({ a: "1", b: ["2", "3"], c: " " });
    const json = toRequest(
      event({ headers: { "content-type": "application/json" }, body: '{"a":{"b":1},"__proto__":2}' }),
      {},
    );
    expect(Object.keys(json.fields)).toEqual(["a", "__proto__"]);
    expect(Object.getPrototypeOf(json.fields)).toBeNull();
  });

  it.each([
    [{}],
    [null],
    ["text"],
    [{ version: "1.0", httpMethod: "POST" }],
    [{ version: "2.0", requestContext: null }],
  ])("rejects an event of another kind (%j)", (other) =>
    expect(() => toRequest(other, {})).toThrow(/HTTP API/),
  );

  it("parses any encoded form to the original fields", () => {
    const texts = fc.string({ unit: "grapheme", maxLength: 8 });
    fc.assert(
      fc.property(fc.array(fc.tuple(texts, texts)), (pairs) => {
        const body = new URLSearchParams(pairs).toString();
        const { fields } = toRequest(
          event({ headers: { "content-type": "application/x-www-form-urlencoded" }, body }),
          {},
        );
        for (const [name] of pairs)
          expect([fields[name]].flat()).toEqual(
            pairs.filter(([other]) => other === name).map(([, value]) => value),
          );
        expect(Object.keys(fields).length).toBe(new Set(pairs.map(([name]) => name)).size);
      }),
    );
  });
});

describe("lambdaHandler", () => {
  const servers: { close(): void }[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) server.close();
  });

  it("fails at init when a variable is missing, and names it", () => {
    const { TWILIO_API_KEY_SECRET: _left, ...rest } = credentials;
    expect(() => lambdaHandler(token, "token", rest)).toThrow("TWILIO_API_KEY_SECRET is missing");
  });

  it.each([
    ["an event of another kind", { Records: [] }, 400, "unsupported_event"],
    [
      "broken JSON",
      event({ headers: { "content-type": "application/json" }, body: "{" }),
      400,
      "invalid_json",
    ],
    [
      "an image",
      event({ headers: { "content-type": "image/png" }, body: "iVBORw0KGgo=", isBase64Encoded: true }),
      415,
      "unsupported_media_type",
    ],
    [
      "a body of a megabyte",
      event({ headers: { "content-type": "application/json" }, body: " ".repeat(1_000_001) }),
      413,
      "body_too_large",
    ],
    ["another method", event({}, { method: "PUT" }), 405, "method_not_allowed"],
  ])("answers %s with a clear 4xx", async (_what, input, status, code) => {
    const result = await invoke(lambdaHandler(token, "token", credentials), input);
    expect(result.statusCode).toBe(status);
    expect(JSON.parse(result.body ?? "")).toMatchObject({ status: "error", code, requestId: "r1" });
  });

  it("answers shortly before its timeout, before Lambda stops it", async () => {
    const everybody = access({
      schemes: [],
      entries: {},
      isConfigured: () => true,
      open: () => async () => "somebody",
    });
    const hanging = defineHandler({
      access: everybody,
      input: v.object({}),
      run: () => new Promise<never>(() => undefined),
    });
    const handler = lambda.lambdaHandler(hanging, "hanging", {}, () => undefined);
    const result = await handler(
      event() as never,
      { ...context, getRemainingTimeInMillis: () => 260 } as never,
    );
    expect(result.statusCode).toBe(504);
    expect(JSON.parse(result.body ?? "")).toMatchObject({ code: "upstream_timeout", requestId: "r1" });
  });

  it("answers a preflight for allowed origins", async () => {
    const handler = lambdaHandler(token, "token", {
      ...credentials,
      CORS_ORIGINS: "https://app.example.com",
    });
    const allowed = await invoke(
      handler,
      event({ headers: { origin: "https://app.example.com" } }, { method: "OPTIONS" }),
    );
    const foreign = await invoke(
      handler,
      event({ headers: { origin: "https://evil.example.com" } }, { method: "OPTIONS" }),
    );
    expect(allowed).toMatchObject({
      statusCode: 204,
      headers: { "Access-Control-Allow-Origin": "https://app.example.com" },
    });
    expect(allowed.headers?.["Access-Control-Allow-Headers"]).toContain("Authorization");
    expect(foreign.headers).not.toHaveProperty("Access-Control-Allow-Origin");
  });

  it.each([
    ["no JSON", "application/json", "{bad", 400],
    ["no object", "application/json", "[1]", 400],
    ["of an unsupported type", "text/plain", "{}", 415],
    ["too large", "application/json", JSON.stringify({ guestToken: "x".repeat(1_100_000) }), 413],
  ])("sends CORS headers to an allowed origin with a rejected body: %s", async (_, type, body, status) => {
    const origin = "https://app.example.com";
    const handler = lambdaHandler(token, "token", { ...credentials, CORS_ORIGINS: origin });
    const answer = await invoke(handler, event({ headers: { Origin: origin, "content-type": type }, body }));
    expect(answer).toMatchObject({
      statusCode: status,
      headers: { "Access-Control-Allow-Origin": origin },
    });
  });

  describe("with SECRET_ID", () => {
    async function extension(answer: RequestListener): Promise<Record<string, string>> {
      const server = createServer(answer);
      servers.push(server);
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
      expect(asked).toEqual([
        ["/secretsmanager/get?secretId=arn%3Aaws%3Asecretsmanager%3Aparley", "session"],
      ]);
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
        servers.push({ close: () => void emulator.close() });
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
      const later = (seconds: number) => vi.setSystemTime(Date.now() + seconds * 1_000);
      afterEach(() => void vi.useRealTimers());

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
});
