import fc from "fast-check";
import * as v from "valibot";
import { describe, expect, it, vi } from "vitest";
import { access } from "../../../core/access/access.ts";
import { defineHandler, Reply } from "../../../core/handler.ts";
import { readGatewayEvent } from "../../../core/platforms/gateway-event.ts";
import * as lambda from "../../../core/platforms/lambda.ts";
import token from "../../../handlers/token.ts";
import { credentials } from "../../support/credentials.ts";
import { context, event, invoke, lambdaHandler } from "../../support/gateway.ts";

const toRequest = (input: unknown, environment: Record<string, string>) =>
  lambda.toRequest(readGatewayEvent(input), environment);

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
    [
      "a path that is not the route's",
      { rawPath: "/elsewhere" },
      "https://api.example.com/elsewhere",
      "https://api.example.com",
    ],
  ])("rebuilds the called URL behind %s", (_what, parts, url, publicBaseUrl) => {
    const request = toRequest(event(parts), {});
    expect(request.publicBaseUrl).toBe(publicBaseUrl);
    expect(request.url).toBe(url);
  });

  it("prefers the configured URL to the event's", () => {
    const publicUrl = (PUBLIC_BASE_URL: string) => {
      const { url, publicBaseUrl } = toRequest(event({ rawPath: "/prod/token" }), { PUBLIC_BASE_URL });
      return [url, publicBaseUrl];
    };
    const base = "https://cdn.example.com/a//b";
    expect(publicUrl(`${base}//`)).toEqual([`${base}/token`, base]);
    expect(publicUrl("")).toEqual(["https://api.example.com/prod/token", "https://api.example.com/prod"]);
  });

  it("accepts a body of the greatest length", () => {
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    const body = `a=${"x".repeat(999_998)}`;
    expect(toRequest(event({ headers, body }), {}).fields.a).toHaveLength(999_998);
    expect(() => toRequest(event({ headers, body: `${body}x` }), {})).toThrow("over 1000000 characters");
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
  const everybody = access({
    schemes: [],
    entries: {},
    isConfigured: () => true,
    open: () => async () => "somebody",
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
    expect(JSON.parse(result.body ?? "")).toMatchObject({
      code: "upstream_timeout",
      message: "This call took longer than the function may run.",
      requestId: "r1",
    });
  });

  it("ends a call half a second before Lambda does, and a signed one before Studio gives up", async () => {
    const timed = defineHandler({
      access: everybody,
      input: v.object({}),
      run: async (_, { call }) => new Reply(200, `${call.requestId} ${(call.end - Date.now()) / 1_000}`),
    });
    const handler = lambda.lambdaHandler(timed, "timed", {}, () => undefined);
    const bodyOf = async (input: unknown, given: object) => await handler(input as never, given as never);
    const signed = event({ headers: { "x-twilio-signature": "any" } });
    vi.useFakeTimers({ toFake: ["Date"] });
    try {
      const getRemainingTimeInMillis = () => 15_000;
      expect(await bodyOf(event(), { ...context, getRemainingTimeInMillis })).toMatchObject({
        statusCode: 200,
        body: "r1 14.5",
        isBase64Encoded: false,
      });
      expect(await bodyOf(signed, { ...context, getRemainingTimeInMillis })).toMatchObject({ body: "r1 9" });
      expect(await bodyOf(signed, context)).toMatchObject({ body: "r1 9" });
      expect(await bodyOf(event(), { getRemainingTimeInMillis })).toMatchObject({ body: "g1 14.5" });
    } finally {
      vi.useRealTimers();
    }
  });

  it("answers a load balancer with multi-value headers by lists", async () => {
    const input = {
      requestContext: { elb: { targetGroupArn: "arn:aws:elasticloadbalancing:target" } },
      httpMethod: "PUT",
      path: "/token",
      multiValueHeaders: { host: ["lb.example.com"] },
      multiValueQueryStringParameters: {},
      body: "",
      isBase64Encoded: false,
    };
    const result = await invoke(lambdaHandler(token, "token", credentials), input);
    expect(result).toMatchObject({
      statusCode: 405,
      multiValueHeaders: { "Content-Type": ["application/json"] },
      isBase64Encoded: false,
    });
    expect(result).not.toHaveProperty("headers");
    expect(JSON.parse(result.body ?? "")).toMatchObject({ code: "method_not_allowed" });
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
});
