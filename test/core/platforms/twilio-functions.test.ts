import { getExpectedTwilioSignature } from "twilio/lib/webhooks/webhooks.js";
import * as v from "valibot";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { type Access, access } from "../../../core/access/access.ts";
import { bearer } from "../../../core/access/bearer.ts";
import { SIGNATURE_SETTINGS, signedByTwilio } from "../../../core/access/signed-by-twilio.ts";
import { defineHandler, type Handler } from "../../../core/handler.ts";
import { type FunctionEvent, toRequest, twilioFunction } from "../../../core/platforms/twilio-functions.ts";
import preEvent from "../../../handlers/webhooks/pre-event.ts";

const DOMAIN_NAME = "parley-1234-dev.twil.io";
const PATH = "/webhooks/pre-event";

/** The part of the runtime's global `Twilio.Response` that the adapter uses. */
class Response {
  status = 0;
  body: unknown;
  readonly headers: Record<string, string> = {};
  setStatusCode(status: number): void {
    this.status = status;
  }
  setBody(body: unknown): void {
    this.body = body;
  }
  appendHeader(name: string, value: string): void {
    this.headers[name] = value;
  }
}

describe("toRequest", () => {
  const headersOf = (request: unknown) => Object.fromEntries(toRequest({}, { request }).headers);

  it.each([
    [{ DOMAIN_NAME, PATH: "/token" }, `https://${DOMAIN_NAME}/token`],
    [{ DOMAIN_NAME }, `https://${DOMAIN_NAME}/`],
    [{ DOMAIN_NAME: "localhost:3000", PATH: "/token" }, "http://localhost:3000/token"],
    [{ DOMAIN_NAME: "localhost", PATH: "/token" }, "http://localhost/token"],
    [{ DOMAIN_NAME: "127.0.0.1:3000", PATH: "/token" }, "http://127.0.0.1:3000/token"],
    [{ DOMAIN_NAME: "localhost.example.com", PATH: "/token" }, "https://localhost.example.com/token"],
    [{ DOMAIN_NAME: "my-localhost", PATH: "/token" }, "https://my-localhost/token"],
    [
      { DOMAIN_NAME, PATH: "/token", PUBLIC_BASE_URL: "https://cdn.example.com/a//b//" },
      "https://cdn.example.com/a//b/token",
    ],
    [{ DOMAIN_NAME, PATH: "/token", PUBLIC_BASE_URL: "" }, `https://${DOMAIN_NAME}/token`],
    [{ DOMAIN_NAME, PATH: "/token", PUBLIC_BASE_URL: 1 }, `https://${DOMAIN_NAME}/token`],
    [{ PATH: "/token" }, undefined],
    [{ PATH: "/token", DOMAIN_NAME: "" }, undefined],
    [{ PATH: "/token", DOMAIN_NAME: 1 }, undefined],
  ])("rebuilds the called URL from %j", (context, url) => {
    const request = toRequest(context, {});
    expect(request.url).toBe(url);
    expect(request.publicBaseUrl).toBe(url?.slice(0, url.lastIndexOf("/")));
    expect(request).toMatchObject({ method: undefined, raw: undefined });
  });

  it("separates the hash of a signed body, and the runtime's own fields, from the caller's", () => {
    const event = { request: { headers: {} }, bodySHA256: "ab", body: "hi", constructor: "y" };
    const request = toRequest({}, event);
    expect(request.bodyHash).toBe("ab");
    expect({ ...request.fields }).toEqual({ body: "hi", constructor: "y" });
    expect(Object.getPrototypeOf(request.fields)).toBeNull();
    expect(toRequest({}, { bodySHA256: ["ab", "cd"] }).bodyHash).toBeUndefined();
  });

  it("reads headers by their lower-case names, and ignores what is no text", () => {
    const headers = { "X-Twilio-Signature": "abc", Cookie: undefined, list: ["a"] };
    expect(headersOf({ headers })).toEqual({ "x-twilio-signature": "abc" });
  });

  it.each([undefined, null, "evil", 1, {}, { headers: null }, { headers: "evil" }, { headers: undefined }])(
    "finds no headers when a caller has replaced the runtime's request by %j",
    (request) => {
      expect(headersOf(request)).toEqual({});
    },
  );
});

describe("twilioFunction", () => {
  /** The private assets of the Functions runtime. */
  let assets: Record<string, { open(): string }> = {};
  beforeAll(() => {
    vi.stubGlobal("Twilio", { Response });
    vi.stubGlobal("Runtime", { getAssets: () => assets });
    for (const level of ["info", "warn", "error"] as const)
      vi.spyOn(console, level).mockReturnValue(undefined);
  });
  afterEach(() => void vi.useRealTimers());
  afterAll(() => {
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
  });

  const call = (handler: ReturnType<typeof twilioFunction>, context: object, event: FunctionEvent) =>
    new Promise<Response>((resolve) => {
      const done = (_error: null, response: unknown) => resolve(response as Response);
      void handler({ DOMAIN_NAME, PATH, ...context }, event, done);
    });
  const everybody = access({
    schemes: [],
    entries: {},
    isConfigured: () => true,
    open: () => async () => "somebody",
  });

  it("answers with status, headers and body", async () => {
    const handler = defineHandler({
      access: everybody,
      input: v.looseObject({}),
      run: async () => ({ done: true }),
    });
    const response = await call(twilioFunction(handler, "test"), {}, { request: { headers: {} } });
    expect(response).toMatchObject({ status: 200, body: { done: true } });
    expect(response.headers).toMatchObject({
      "Content-Type": "application/json",
      "Cache-Control": "no-store",
    });
  });

  describe("reads", () => {
    const handler = defineHandler({
      access: everybody,
      env: { WORDS: v.optional(v.string()), NUMBER: v.optional(v.string()) },
      input: v.looseObject({}),
      run: async (_, { env, publicBaseUrl }) => ({
        WORDS: env.WORDS ?? null,
        NUMBER: env.NUMBER ?? null,
        publicBaseUrl: publicBaseUrl ?? null,
      }),
    });
    const read = async (context: object) => (await call(twilioFunction(handler, "test"), context, {})).body;
    const publicBaseUrl = `https://${DOMAIN_NAME}`;
    afterEach(() => {
      assets = {};
    });

    it("values that are split over several variables, each of whose parts but the last ends in a backslash", async () => {
      const parts = {
        WORDS: "one \\",
        WORDS_2: "two \\",
        WORDS_3: "three",
        WORDS_4: "left over",
        NUMBER: "1",
        NUMBER_2: "2",
      };
      expect(await read(parts)).toEqual({ WORDS: "one two three", NUMBER: "1", publicBaseUrl });
      expect(await read({ WORDS: "one \\" })).toEqual({ WORDS: "one ", NUMBER: null, publicBaseUrl });
    });

    it("settings of the private asset, unless a variable has the same name", async () => {
      assets = {
        "/settings.json": {
          open: () => '{"WORDS":"file","NUMBER":"file","PUBLIC_BASE_URL":"https://cdn.example.com"}',
        },
      };
      expect(await read({ NUMBER: "variable" })).toEqual({
        WORDS: "file",
        NUMBER: "variable",
        publicBaseUrl: "https://cdn.example.com",
      });
    });
  });

  it("reads the auth token from each call's context, where Twilio sets it", async () => {
    const opened = vi.fn(preEvent.open);
    const handler = twilioFunction({ ...preEvent, open: opened } satisfies Handler, "webhooks/pre-event");
    const statusOf = async (AUTH_TOKEN: string, signedWith: string) => {
      const fields = { EventType: "ping" };
      const signature = getExpectedTwilioSignature(signedWith, `https://${DOMAIN_NAME}${PATH}`, fields);
      const event = { request: { headers: { "x-twilio-signature": signature } }, ...fields };
      return (await call(handler, { AUTH_TOKEN, PRE_EVENT_RULES: "{}" }, event)).status;
    };
    const [before, after] = ["the token before the promotion", "the token after the promotion"];
    expect(await statusOf(before, before)).toBe(200);
    expect(await statusOf(before, after)).toBe(403);
    expect(opened).toHaveBeenCalledTimes(1);
    expect(await statusOf(after, after)).toBe(200);
    expect(await statusOf(after, before)).toBe(403);
    expect(opened).toHaveBeenCalledTimes(2);
  });

  it("accepts shared keys unless the Function is protected, so that Twilio's gateway checks it first", async () => {
    const AUTH_TOKEN = "the auth token of the account";
    const context = { AUTH_TOKEN, WEBHOOK_KEYS: "key_1:a secret of some length", JWT_SECRET: "x".repeat(32) };
    const codeOf = async (rule: Access<unknown>) => {
      const handler = defineHandler<unknown>({
        access: rule,
        input: v.looseObject({}),
        run: async () => ({}),
      });
      const headers = { "x-twilio-signature": "x", [SIGNATURE_SETTINGS]: "key=key_1,algorithm=HMAC_SHA256" };
      return (await call(twilioFunction(handler, "test"), context, { request: { headers } })).body;
    };
    expect(await codeOf(signedByTwilio)).toMatchObject({ code: "unknown_webhook_key" });
    expect(await codeOf(signedByTwilio.or(bearer()))).toMatchObject({ code: "invalid_signature" });
  });

  it("ends a call before Twilio ends it, and a signed one before Studio gives up", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const handler = defineHandler({
      access: everybody,
      input: v.looseObject({}),
      run: async (_, context) => ({ left: context.call.end - Date.now() }),
    });
    const left = async (headers: object) =>
      (await call(twilioFunction(handler, "test"), {}, { request: { headers } })).body;
    expect(await left({})).toEqual({ left: 9_500 });
    expect(await left({ "X-Twilio-Signature": "any" })).toEqual({ left: 9_000 });
  });

  it("answers 500 when a setting is missing, and 500 with CORS headers when the request cannot be read", async () => {
    const missing = await call(
      twilioFunction(preEvent, "webhooks/pre-event"),
      {},
      { request: { headers: {} } },
    );
    expect(missing).toMatchObject({ status: 500, body: { code: "misconfigured" } });
    const handler = defineHandler({
      access: everybody,
      cors: true,
      input: v.object({}),
      run: async () => ({}),
    });
    const origin = "https://app.example.com";
    const event = {
      request: { headers: { Origin: origin } },
      get field(): never {
        throw new Error("unreadable");
      },
    };
    const unreadable = await call(twilioFunction(handler, "test"), { CORS_ORIGINS: origin }, event);
    expect(unreadable).toMatchObject({ status: 500, body: { code: "internal_error" } });
    expect(unreadable.headers).toMatchObject({ "Access-Control-Allow-Origin": origin });
  });
});
