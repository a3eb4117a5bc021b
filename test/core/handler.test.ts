import * as v from "valibot";
import { describe, expect, expectTypeOf, it } from "vitest";
import { access } from "../../core/access/access.ts";
import { type BearerCaller, bearer } from "../../core/access/bearer.ts";
import { signedByTwilio, type TwilioCaller } from "../../core/access/signed-by-twilio.ts";
import { Call } from "../../core/call.ts";
import { integerVariable } from "../../core/environment.ts";
import { Misconfigured } from "../../core/errors.ts";
import { atLeastOne } from "../../core/field-rules.ts";
import { type Definition, defineHandler } from "../../core/handler.ts";
import { attributes } from "../../core/input.ts";
import { emptyFields } from "../../core/request.ts";
import { conversations } from "../../core/twilio/conversations.ts";
import { requestWith as request } from "../support/request.ts";

type AnyDefinition = Definition<unknown, Record<never, never>, Record<never, never>, v.GenericSchema>;

const everybody = access({
  schemes: [],
  entries: {},
  isConfigured: () => true,
  open: () => async () => "somebody",
});
const call = new Call("r1", Date.now() + 60_000);
function open(run: () => Promise<{ done: boolean }>, input: v.GenericSchema = v.object({})) {
  const lines: string[] = [];
  const handler = defineHandler({ access: everybody, input, run });
  return { lines, handler: handler.open({}, (_level, line) => lines.push(line), "test") };
}

describe("defineHandler", () => {
  it("does not compile without access rules", () => {
    expectTypeOf<AnyDefinition>().toHaveProperty("access");
    expectTypeOf<Omit<AnyDefinition, "access">>().not.toExtend<AnyDefinition>();
    expectTypeOf<AnyDefinition & { access: undefined }>().toBeNever();
  });

  it("passes run only the kinds of caller that its access rules allow", () => {
    const rule = signedByTwilio.or(bearer("conversations:write"));
    type Caller = Awaited<ReturnType<ReturnType<typeof rule.open>>>;
    expectTypeOf<Caller>().toEqualTypeOf<TwilioCaller | BearerCaller | undefined>();
  });

  it("hides internal errors from the caller, and logs them with the request's id", async () => {
    const { handler, lines } = open(async () => {
      throw new Error("the database password is hunter2");
    });
    const answer = await handler.answer(request(), call);
    expect(answer).toMatchObject({ status: 500, body: { code: "internal_error", requestId: "r1" } });
    expect(JSON.stringify(answer.body)).not.toContain("hunter2");
    expect(lines.join()).toContain("hunter2");
  });

  it("answers other methods with 405 and the allowed ones, and OPTIONS with 204", async () => {
    const { handler } = open(async () => ({ done: true }));
    expect(await handler.answer(request({ method: "DELETE" }), call)).toMatchObject({
      status: 405,
      headers: { Allow: "POST" },
    });
    expect(await handler.answer(request({ method: "OPTIONS" }), call)).toMatchObject({ status: 204 });
  });

  it("checks access before it validates the input", async () => {
    const handler = defineHandler({
      access: bearer(),
      input: v.strictObject({}),
      run: async () => ({ done: true }),
    });
    const opened = handler.open({ JWT_SECRET: "x".repeat(32) }, () => undefined, "test");
    expect(await opened.answer(request({ fields: { unknown: "1" } }), call)).toMatchObject({ status: 401 });
  });

  it.each(["__proto__", "constructor", "hasOwnProperty"])(
    "treats a field named %s like any other",
    async (name) => {
      const { handler } = open(async () => ({ done: true }), v.strictObject({ a: v.optional(v.string()) }));
      const fields = emptyFields();
      Object.defineProperty(fields, name, { value: { polluted: "yes" }, enumerable: true });
      await handler.answer(request({ fields }), call);
      expect(Object.hasOwn(Object.prototype, "polluted")).toBe(false);
    },
  );

  it("treats an empty text as absent, unless absence has a meaning", async () => {
    const handler = defineHandler({
      access: everybody,
      refuseEmpty: ["b"],
      input: v.strictObject({ a: v.optional(v.string(), "none"), b: v.optional(v.string()) }),
      run: async ({ a }) => ({ a }),
    }).open({}, () => undefined, "test");
    const answer = (fields: Record<string, unknown>) => handler.answer(request({ fields }), call);
    expect(await answer({ a: "", b: "x" })).toMatchObject({ status: 200, body: { a: "none" } });
    expect(await answer({ a: " " })).toMatchObject({ body: { a: " " } });
    expect(await answer({ b: "" })).toMatchObject({ status: 400, body: { field: "b" } });
    expect(await answer({ c: "" })).toMatchObject({ status: 200 });
  });

  it("answers JSON as exactly application/json", async () => {
    const { handler } = open(async () => ({ done: true }));
    expect((await handler.answer(request(), call)).headers["Content-Type"]).toBe("application/json");
    expect((await handler.answer(request({ method: "PUT" }), call)).headers["Content-Type"]).toBe(
      "application/json",
    );
  });

  it("requires one configured kind of access, and names the variables", () => {
    const handler = defineHandler({
      access: signedByTwilio.or(bearer()),
      input: v.object({}),
      run: async () => ({ done: true }),
    });
    expect(() => handler.open({}, () => undefined, "test")).toThrow(Misconfigured);
    const needed = "set AUTH_TOKEN, or JWT_SECRET, or JWT_JWKS_URL with JWT_ISSUER and JWT_AUDIENCE.";
    expect(() => handler.open({}, () => undefined, "test")).toThrow(needed);
    expect(() => handler.open({ JWT_ISSUER: "x" }, () => undefined, "test")).toThrow(needed);
  });

  it("names everything that is missing or malformed at once", () => {
    const handler = defineHandler({
      access: bearer(),
      env: { LIMIT: integerVariable(1, 5) },
      use: { conversations },
      input: v.object({}),
      run: async () => ({ done: true }),
    });
    const open = () => handler.open({ LIMIT: "6", JWT_SECRET: "short" }, () => undefined, "test");
    expect(open).toThrow(
      /^Environment: JWT_SECRET must have .*; LIMIT must lie between 1 and 5; ACCOUNT_SID is missing/,
    );
  });

  it.each<[object, string]>([
    [{ name: "" }, "Give name or tags. An empty name counts as not given."],
    [{ id: "", name: "a" }, "id is missing. An empty id counts as not given."],
    [{ id: "1", name: ["a", "b"] }, "name must be text. Give one value, not 2."],
    [{ id: "1", name: ["a"] }, "name must be text"],
    [{ id: "1", tags: [] }, "tags must be a JSON object"],
  ])("explains what is wrong with %j", async (fields, message) => {
    const input = v.pipe(
      v.strictObject({
        id: v.optional(v.string("must be text")),
        name: v.optional(v.string("must be text")),
        tags: v.optional(attributes()),
      }),
      atLeastOne(["name", "tags"], "Give name or tags."),
    );
    const schema = "id" in fields && fields.id === "" ? v.object({ id: v.string() }) : input;
    const { handler } = open(async () => ({ done: true }), schema);
    const answer = await handler.answer(request({ fields: { ...fields } }), call);
    expect(answer).toMatchObject({ status: 400, body: { message } });
  });

  it.each([
    [{ JWT_JWKS_URL: "https://a/jwks", JWT_SECRET: "x".repeat(32) }, /not both/],
    [{ JWT_JWKS_URL: "https://a/jwks" }, /JWT_ISSUER and JWT_AUDIENCE/],
    [{ JWT_SECRET: "short" }, /32 characters/],
  ])("rejects an incomplete set-up at start: %j", (environment, message) => {
    const handler = defineHandler({
      access: bearer(),
      input: v.object({}),
      run: async () => ({ done: true }),
    });
    expect(() => handler.open(environment, () => undefined, "test")).toThrow(message);
  });
});
