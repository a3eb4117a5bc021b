import { createHmac, createSecretKey } from "node:crypto";
import fc from "fast-check";
import { errors, jwtVerify, SignJWT } from "jose";
import { afterEach, describe, expect, it, vi } from "vitest";
import { type Hs256Options, hs256Verifier, TokenRejected } from "../../../core/access/hs256.ts";

const SECRET = "a secret of at least thirty-two characters";
const key = createSecretKey(SECRET, "utf8");

const encode = (value: unknown): string =>
  Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");

const signature = (input: string, hash = "sha256", secret = SECRET): string =>
  createHmac(hash, secret).update(input).digest("base64url");

/** A token with a valid HS256 signature over any header and payload. */
const signed = (header: unknown, payload: unknown): string => {
  const input = `${encode(header)}.${encode(payload)}`;
  return `${input}.${signature(input)}`;
};

const verdict = (token: string, options: Hs256Options): unknown => {
  try {
    return hs256Verifier(SECRET, options)(token);
  } catch (error) {
    if (!(error instanceof TokenRejected)) throw error;
    return error.isExpired ? "expired" : "invalid";
  }
};

const verdictOfJose = async (token: string, given: Hs256Options): Promise<unknown> => {
  const { issuer, audience, requiredClaims = [], clockTolerance = 0 } = given;
  const options = {
    algorithms: ["HS256"],
    requiredClaims: [...requiredClaims],
    clockTolerance,
    ...(issuer !== undefined && { issuer }),
    ...(audience !== undefined && { audience }),
  };
  try {
    return (await jwtVerify(token, key, options)).payload;
  } catch (error) {
    return error instanceof errors.JWTExpired ? "expired" : "invalid";
  }
};

const HEADER = { alg: "HS256", typ: "JWT" };
const now = Math.floor(Date.now() / 1_000);
const [past, future] = [now - 3_600, now + 3_600];

afterEach(() => vi.useRealTimers());

describe("the HS256 verifier", () => {
  it.each<[string, string, Hs256Options]>([
    ["a valid token", signed(HEADER, { sub: "alice", exp: future }), { requiredClaims: ["exp"] }],
    [
      "its issuer and audience",
      signed(HEADER, { iss: "i", aud: ["x", "a"] }),
      { issuer: "i", audience: "a" },
    ],
    ["an audience that is a string", signed(HEADER, { aud: "a" }), { audience: "a" }],
    ["b64 in crit with its default value", signed({ ...HEADER, crit: ["b64"], b64: true }, {}), {}],
    ["an expiry within the tolerance", signed(HEADER, { exp: now - 3 }), { clockTolerance: 60 }],
    ["base64 padding", `${signed(HEADER, { sub: "a" })}=`, {}],
  ])("accepts %s, as jose does", async (_what, token, options) => {
    expect(verdict(token, options)).toBeTypeOf("object");
    expect(verdict(token, options)).toEqual(await verdictOfJose(token, options));
  });

  it.each<[string, string, Hs256Options]>([
    ["an empty string", "", {}],
    ["two parts", `${encode(HEADER)}.${encode({})}`, {}],
    ["four parts", `${signed(HEADER, {})}.`, {}],
    ["alg none", `${encode({ alg: "none" })}.${encode({})}.`, {}],
    ["alg none with a valid signature", signed({ alg: "none" }, {}), {}],
    ["another algorithm", signed({ alg: "HS512" }, {}), {}],
    ["the algorithm in another case", signed({ alg: "hs256" }, {}), {}],
    ["no algorithm", signed({ typ: "JWT" }, {}), {}],
    ["a list of algorithms", signed({ alg: ["HS256"] }, {}), {}],
    ["another secret", `${encode(HEADER)}.${encode({})}.${signature("x", "sha256", "other")}`, {}],
    ["no signature", `${encode(HEADER)}.${encode({})}.`, {}],
    ["a truncated signature", signed(HEADER, {}).slice(0, -4), {}],
    ["a signature in plain base64", signed(HEADER, { n: 3 }).replace(/.$/, "+"), {}],
    ["an unknown extension in crit", signed({ ...HEADER, crit: ["exp"], exp: 1 }, {}), {}],
    ["an extension in crit that is missing", signed({ ...HEADER, crit: ["b64"] }, {}), {}],
    ["an empty crit", signed({ ...HEADER, crit: [] }, {}), {}],
    ["a crit that is null", signed({ ...HEADER, crit: null }, {}), {}],
    ["an unencoded payload", signed({ ...HEADER, crit: ["b64"], b64: false }, {}), {}],
    ["a payload that is a list", signed(HEADER, [1]), {}],
    ["a payload that is not JSON", signed(HEADER, "{"), {}],
    ["a header that is null", signed(null, {}), {}],
    ["another issuer", signed(HEADER, { iss: "j" }), { issuer: "i" }],
    ["an issuer in a list", signed(HEADER, { iss: ["i"] }), { issuer: "i" }],
    ["no issuer", signed(HEADER, {}), { issuer: "i" }],
    ["another audience", signed(HEADER, { aud: ["b"] }), { audience: "a" }],
    ["no audience", signed(HEADER, {}), { audience: "a" }],
    ["no expiry", signed(HEADER, {}), { requiredClaims: ["exp"] }],
    ["an expiry that is a string", signed(HEADER, { exp: String(future) }), {}],
    ["an iat that is a string", signed(HEADER, { iat: "yesterday" }), {}],
    ["an nbf in the future", signed(HEADER, { nbf: future }), { clockTolerance: 5 }],
  ])("rejects %s, as jose does", async (_what, token, options) => {
    expect(verdict(token, options)).toBe("invalid");
    expect(await verdictOfJose(token, options)).toBe("invalid");
  });

  it("checks each other header after it has accepted one", () => {
    const verify = hs256Verifier(SECRET);
    const good = signed(HEADER, { sub: "alice" });
    expect(verify(good)).toEqual({ sub: "alice" });
    for (const header of [{ alg: "none" }, { ...HEADER, crit: ["exp"] }, null]) {
      expect(() => verify(signed(header, {}))).toThrow(TokenRejected);
      expect(() => verify(signed(header, {}))).toThrow(TokenRejected);
      expect(verify(good)).toEqual({ sub: "alice" });
    }
  });

  it("distinguishes an expired token from an invalid one", async () => {
    const token = await new SignJWT({ exp: past }).setProtectedHeader({ alg: "HS256" }).sign(key);
    expect(verdict(token, {})).toBe("expired");
  });

  it("agrees with jose on any header, claims and mutation", async () => {
    // Else a token may expire between the two verdicts.
    vi.useFakeTimers({ toFake: ["Date"], now: now * 1_000 });
    const header = fc.record(
      {
        alg: fc.constantFrom<unknown>("HS256", "HS256", "HS256", "none", "RS256", "HS384", 1, null),
        typ: fc.constantFrom<unknown>("JWT", "at+jwt", 7),
        crit: fc.constantFrom<unknown>(["b64"], [], ["exp"], ["b64", "b64"], "b64", null),
        b64: fc.constantFrom<unknown>(true, false, "true", null),
      },
      { requiredKeys: ["alg"] },
    );
    const date = fc.constantFrom<unknown>(past, now - 3, future, 0, -1, "1", null, 1.5);
    const payload = fc.oneof(
      fc.record(
        {
          iss: fc.constantFrom<unknown>("i", "j", ["i"], null),
          aud: fc.constantFrom<unknown>("a", "b", ["a"], ["b", "a"], [], null, 5),
          exp: date,
          nbf: date,
          iat: date,
          __proto__: fc.constantFrom<unknown>({ exp: future }, null),
        },
        { requiredKeys: [] },
      ),
      fc.jsonValue(),
    );
    const options = fc.record(
      {
        issuer: fc.constant("i"),
        audience: fc.constant("a"),
        requiredClaims: fc.constantFrom(["exp"], []),
        clockTolerance: fc.constantFrom(0, 5),
      },
      { requiredKeys: [] },
    );
    const mutation = fc.option(
      fc.record({
        at: fc.nat(),
        kind: fc.constantFrom("delete", "replace", "insert"),
        text: fc.constantFrom(..."Aa0-_.=+/é~"),
      }),
      { freq: 2 },
    );
    const property = fc.asyncProperty(
      header,
      payload,
      options,
      mutation,
      async (head, body, wanted, change) => {
        let token = signed(head, body);
        if (change !== null) {
          const at = change.at % (token.length + 1);
          const kept = change.kind === "insert" ? at : at + 1;
          token = token.slice(0, at) + (change.kind === "delete" ? "" : change.text) + token.slice(kept);
        }
        expect(verdict(token, wanted)).toEqual(await verdictOfJose(token, wanted));
      },
    );
    // HS256_RUNS=100000 is the long run: see CONTRIBUTING.md.
    await fc.assert(property, { numRuns: Number(process.env.HS256_RUNS ?? 1_500) });
  });
});

describe("the HS256 verifier's limits", () => {
  it.each<[object, Hs256Options, unknown]>([
    [{ nbf: 999 }, {}, "valid"],
    [{ nbf: 1_000 }, {}, "valid"],
    [{ nbf: 1_001 }, {}, "invalid"],
    [{ nbf: 1_005 }, { clockTolerance: 5 }, "valid"],
    [{ nbf: 1_006 }, { clockTolerance: 5 }, "invalid"],
    [{ exp: 1_001 }, {}, "valid"],
    [{ exp: 1_000 }, {}, "expired"],
    [{ exp: 996 }, { clockTolerance: 5 }, "valid"],
    [{ exp: 995 }, { clockTolerance: 5 }, "expired"],
  ])("are exact at second 1000: %j with %j", (claims, options, expected) => {
    vi.useFakeTimers({ toFake: ["Date"], now: 1_000_999 });
    const result = verdict(signed(HEADER, claims), options);
    expect(typeof result === "string" ? result : "valid").toBe(expected);
  });

  it.each([{ crit: [] }, { crit: ["b64", "x"] }, { crit: ["x"] }, { crit: "b64" }])(
    "exclude %j",
    (extensions) => {
      expect(verdict(signed({ ...HEADER, ...extensions, b64: true }, {}), {})).toBe("invalid");
    },
  );

  it.each<[string, string, Hs256Options]>([
    ["three parts", "a.b", {}],
    ["The header is not base64url", "!.e30.x", {}],
    ["The header is not a JSON object", `${encode("[]")}.e30.x`, {}],
    ["The signature is not base64url", `${encode(HEADER)}.e30.!`, {}],
    ["The signature is wrong", `${encode(HEADER)}.e30.AAAA`, {}],
    ["The payload is not a JSON object", signed(HEADER, "no JSON"), {}],
    ['"alg" is not HS256', signed({ alg: "none" }, {}), {}],
    ['"crit"', signed({ ...HEADER, crit: ["x"] }, {}), {}],
    ['lacks the claim "exp"', signed(HEADER, {}), { requiredClaims: ["exp"] }],
    ['"iss" is another issuer', signed(HEADER, { iss: "j" }), { issuer: "i" }],
    ['"aud" is another audience', signed(HEADER, { aud: "b" }), { audience: "a" }],
    ['"iat" is not a number', signed(HEADER, { iat: "1" }), {}],
    ['"nbf" is not a number', signed(HEADER, { nbf: "1" }), {}],
    ['"exp" is not a number', signed(HEADER, { exp: "1" }), {}],
    ["not valid yet", signed(HEADER, { nbf: future }), {}],
    ["has expired", signed(HEADER, { exp: past }), {}],
  ])("are named: %s", (message, token, options) => {
    expect(() => hs256Verifier(SECRET, options)(token)).toThrow(message);
  });
});
