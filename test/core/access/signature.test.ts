import { createHash } from "node:crypto";
import fc from "fast-check";
import {
  getExpectedTwilioSignature,
  validateRequest,
  validateRequestWithBody,
} from "twilio/lib/webhooks/webhooks.js";
import { describe, expect, it } from "vitest";
import { isSignedByTwilio, twilioSignature } from "../../../core/access/signature.ts";
import { emptyFields, parseForm, type Request } from "../../../core/request.ts";

const TOKEN = "0123456789abcdef0123456789abcdef";
const KEY = { secret: TOKEN, hash: "sha1" } as const;

const request = (parts: Partial<Request>): Request => ({
  method: "POST",
  headers: new Map(),
  fields: emptyFields(),
  url: "https://example.com/hook",
  raw: { query: "", body: "", type: "" },
  bodyHash: undefined,
  publicBaseUrl: "https://example.com",
  ...parts,
});

const form = (body: string, query = "") => ({
  raw: { query, body, type: "application/x-www-form-urlencoded" },
});

describe("twilioSignature", () => {
  it.each([
    ["https://example.com/myapp.php?foo=1&bar=2", "+14158675310", "L/OH5YylLD5NRKLltdqwSvS0BnU="],
    ["https://mycompany.com/myapp.php?foo=1&bar=2", "+14158675309", "RSOYDt4T1cUTdK1PDd93/VVr8B8="],
  ])("computes Twilio's published signature for %s", (url, caller, expected) => {
    const fields = new URLSearchParams({
      CallSid: "CA1234567890ABCDE",
      Caller: caller,
      Digits: "1234",
      From: caller,
      To: "+18005551212",
    });
    expect(twilioSignature({ secret: "12345", hash: "sha1" }, url, parseForm(fields.toString()))).toBe(
      expected,
    );
  });
});

describe("isSignedByTwilio", () => {
  const texts = fc.string({ unit: "grapheme", maxLength: 12 });
  const forms = fc.array(fc.tuple(texts, texts), { maxLength: 6 });

  it("accepts every form that the official package signs, including repeated fields", () => {
    fc.assert(
      fc.property(forms, (pairs) => {
        const body = new URLSearchParams(pairs).toString();
        const params = Object.fromEntries(parseForm(body));
        const signature = getExpectedTwilioSignature(TOKEN, "https://example.com/hook", params);
        expect(isSignedByTwilio(KEY, signature, request(form(body)))).toBe(true);
      }),
    );
  });

  it("rejects any change made after signing", () => {
    fc.assert(
      fc.property(forms, texts, texts, (pairs, name, value) => {
        const body = new URLSearchParams(pairs).toString();
        const changed = new URLSearchParams([...pairs, [name, `${value}!`]]).toString();
        const signature = getExpectedTwilioSignature(
          TOKEN,
          "https://example.com/hook",
          Object.fromEntries(parseForm(body)),
        );
        const isSame = parseForm(body).get(name)?.includes(`${value}!`) ?? false;
        expect(isSignedByTwilio(KEY, signature, request(form(changed)))).toBe(isSame);
      }),
    );
  });

  it("agrees with the official validator on a POST with a query", () => {
    const url = "https://example.com/hook?a=1&b=%20x";
    const signature = getExpectedTwilioSignature(TOKEN, url, { Body: "hello" });
    expect(validateRequest(TOKEN, signature, url, { Body: "hello" })).toBe(true);
    expect(isSignedByTwilio(KEY, signature, request(form("Body=hello", "a=1&b=%20x")))).toBe(true);
    expect(isSignedByTwilio(KEY, signature, request(form("Body=hello", "b=%20x&a=1")))).toBe(false);
  });

  it("checks a JSON body's bytes against the signed hash", () => {
    const body = '{"a": 1}';
    const query = `bodySHA256=${createHash("sha256").update(body).digest("hex")}`;
    const signature = twilioSignature(KEY, `https://example.com/hook?${query}`);
    expect(validateRequestWithBody(TOKEN, signature, `https://example.com/hook?${query}`, body)).toBe(true);
    expect(
      isSignedByTwilio(KEY, signature, request({ raw: { query, body, type: "application/json" } })),
    ).toBe(true);
    expect(
      isSignedByTwilio(
        KEY,
        signature,
        request({ raw: { query, body: '{"a":1}', type: "application/json" } }),
      ),
    ).toBe(false);
    expect(
      isSignedByTwilio(KEY, signature, request({ raw: { query: "", body, type: "application/json" } })),
    ).toBe(false);
  });

  it("checks a GET over its whole URL", () => {
    const signature = twilioSignature(KEY, "https://example.com/hook?EventType=onMessageAdded");
    const get = (query: string) => request({ method: "GET", raw: { query, body: "", type: "" } });
    expect(isSignedByTwilio(KEY, signature, get("EventType=onMessageAdded"))).toBe(true);
    expect(isSignedByTwilio(KEY, signature, get("EventType=onMessageRemoved"))).toBe(false);
  });

  it.each([
    ["https://example.com:443/hook", "https://example.com/hook"],
    ["https://example.com/hook", "https://example.com:443/hook"],
    ["http://example.com:8080/hook", "http://example.com:8080/hook"],
  ])("accepts a signature of %s for a request to %s", (signed, called) => {
    const signature = twilioSignature(KEY, signed, parseForm("a=1"));
    expect(isSignedByTwilio(KEY, signature, request({ url: called, ...form("a=1") }))).toBe(true);
  });

  it.each([
    ["a='b'", "a=%27b%27"],
    ["a=b%20c", "a=b+c"],
    ["a=12%3A30", "a=12:30"],
    ["a=ann%40example.com", "a=ann@example.com"],
  ])("accepts the query spelled %s and %s, whichever was signed and whichever was received", (one, other) => {
    for (const [signed, query] of [
      [one, other],
      [other, one],
    ] as const) {
      const signature = twilioSignature(KEY, `https://example.com:443/hook?${signed}`, new Map());
      expect(isSignedByTwilio(KEY, signature, request(form("", query)))).toBe(true);
      expect(isSignedByTwilio(KEY, signature, request(form("", `${query}d`)))).toBe(false);
    }
  });

  it.each([
    ["q=%27b%27%27&t=12%3A30%3A1&m=x%40y%40z", "q='b''&t=12:30:1&m=x@y@z"],
    ["q='b''&t=12:30", "q=%27b%27%27&t=12:30"],
  ])("accepts %s for a signature of %s", (query, signed) => {
    const signature = twilioSignature(KEY, `https://example.com/hook?${signed}`);
    const get = request({ method: "GET", raw: { query, body: "", type: "" } });
    expect(isSignedByTwilio(KEY, signature, get)).toBe(true);
  });

  it("accepts a signature of an http URL with and without its port", () => {
    const signature = twilioSignature(KEY, "http://example.com:80/hook", parseForm("a=1"));
    const called = request({ url: "http://example.com/hook", ...form("a=1") });
    expect(isSignedByTwilio(KEY, signature, called)).toBe(true);
    const wrongPort = twilioSignature(KEY, "http://example.com:443/hook", parseForm("a=1"));
    expect(isSignedByTwilio(KEY, wrongPort, called)).toBe(false);
  });

  it("accepts a URL without a path, and the hash of a body in capitals", () => {
    const body = "ü";
    const query = `bodySHA256=${createHash("sha256").update(body).digest("hex").toUpperCase()}`;
    const signature = twilioSignature(KEY, `https://example.com?${query}`);
    const raw = { query, body, type: "application/json" };
    expect(isSignedByTwilio(KEY, signature, request({ url: "https://example.com", raw }))).toBe(true);
  });

  it.each(["", "x", "ü".repeat(28)])("rejects %j, which is no signature", (signature) => {
    expect(isSignedByTwilio(KEY, signature, request(form("a=1")))).toBe(false);
  });

  it("rejects a request whose URL is not known", () => {
    const signature = twilioSignature(KEY, "undefined", parseForm("a=1"));
    expect(isSignedByTwilio(KEY, signature, request({ url: undefined, ...form("a=1") }))).toBe(false);
  });

  it("accepts a URL of another form as it is, and no other", () => {
    const url = "http://[::1]:3000/hook";
    const called = request({ url, ...form("a=1") });
    expect(isSignedByTwilio(KEY, twilioSignature(KEY, url, parseForm("a=1")), called)).toBe(true);
    expect(isSignedByTwilio(KEY, twilioSignature(KEY, "", parseForm("a=1")), called)).toBe(false);
  });

  it("rejects a signature of an http URL for a request over https", () => {
    const signature = twilioSignature(KEY, "http://example.com/hook", parseForm("a=1"));
    expect(isSignedByTwilio(KEY, signature, request(form("a=1")))).toBe(false);
  });

  describe("without the raw request, as on Twilio Functions", () => {
    const bare = ({ bodySHA256, ...fields }: Record<string, unknown>) =>
      request({
        method: undefined,
        raw: undefined,
        fields,
        bodyHash: bodySHA256 === undefined ? undefined : String(bodySHA256),
      });

    it("accepts a form, a query in either spelling and a JSON body", () => {
      const query = "Body=a%20b&x=1";
      const json = '{"a":1,"b":[true]}';
      const hash = createHash("sha256").update(json).digest("hex");
      const cases: [Record<string, unknown>, string][] = [
        [
          { Body: "a b", x: ["2", "1"] },
          twilioSignature(KEY, "https://example.com/hook", parseForm("Body=a+b&x=1&x=2")),
        ],
        [{ Body: "a b", x: "1" }, twilioSignature(KEY, `https://example.com/hook?${query}`)],
        [{ Body: "a b", x: "1" }, twilioSignature(KEY, "https://example.com/hook?Body=a+b&x=1")],
        [
          { bodySHA256: hash, a: 1, b: [true] },
          twilioSignature(KEY, `https://example.com/hook?bodySHA256=${hash}`),
        ],
      ];
      for (const [fields, signature] of cases)
        expect(isSignedByTwilio(KEY, signature, bare(fields))).toBe(true);
    });

    it("accepts a webhook of ours with carried data in its URL, and no other data", () => {
      const signature = twilioSignature(KEY, "https://example.com/hook?parley=eyJ9", parseForm("Body=a"));
      expect(isSignedByTwilio(KEY, signature, bare({ parley: "eyJ9", Body: "a" }))).toBe(true);
      expect(isSignedByTwilio(KEY, signature, bare({ parley: "eyJ8", Body: "a" }))).toBe(false);
      expect(isSignedByTwilio(KEY, signature, bare({ parley: ["eyJ9"], Body: "a" }))).toBe(false);
      expect(isSignedByTwilio(KEY, signature, bare({ Body: "a" }))).toBe(false);
      const withoutForm = twilioSignature(KEY, "https://example.com/hook?parley=eyJ9");
      expect(isSignedByTwilio(KEY, withoutForm, bare({ parley: "eyJ9", evil: { a: 1 } }))).toBe(false);
    });

    it("accepts a form with a field of the hash's name", () => {
      const signed = parseForm("Body=a&bodySHA256=x");
      const signature = twilioSignature(KEY, "https://example.com/hook", signed);
      expect(isSignedByTwilio(KEY, signature, bare({ bodySHA256: "x", Body: "a" }))).toBe(true);
      expect(isSignedByTwilio(KEY, signature, bare({ bodySHA256: "y", Body: "a" }))).toBe(false);
    });

    it("rejects fields that no form has, and a query that is empty", () => {
      for (const [fields, body] of [
        [{ a: 1 }, "a=1"],
        [{ a: ["1", 2] }, "a=1&a=2"],
        [{ a: "1", b: null }, "a=1&b=null"],
        // What becomes of an unpaired surrogate in UTF-8.
        [{ a: "1", b: "\ud800" }, "a=1&b=%EF%BF%BD"],
        [{ a: ["1", "\udc00"] }, "a=1&a=%EF%BF%BD"],
        [{ "\ud800": "1" }, "%EF%BF%BD=1"],
        [{ a: "1", bodySHA256: "\ud800" }, "a=1&bodySHA256=%EF%BF%BD"],
      ] as const) {
        const signature = twilioSignature(KEY, "https://example.com/hook", parseForm(body));
        expect(isSignedByTwilio(KEY, signature, bare(fields))).toBe(false);
      }
      expect(isSignedByTwilio(KEY, twilioSignature(KEY, "https://example.com/hook?"), bare({}))).toBe(false);
      expect(isSignedByTwilio(KEY, twilioSignature(KEY, "https://example.com/hook"), bare({}))).toBe(true);
    });

    it("rejects JSON without a hash, and JSON that is nested too deeply", () => {
      const unhashed = twilioSignature(KEY, "https://example.com/hook?bodySHA256=undefined");
      expect(isSignedByTwilio(KEY, unhashed, bare({ a: 1 }))).toBe(false);
      let deep: unknown = 1;
      for (let level = 0; level < 100_000; level++) deep = [deep];
      const signature = twilioSignature(KEY, "https://example.com/hook?bodySHA256=x");
      expect(isSignedByTwilio(KEY, signature, bare({ bodySHA256: "x", deep }))).toBe(false);
    });

    it("rejects an added field in each of them", () => {
      const hash = createHash("sha256").update('{"a":1}').digest("hex");
      const cases: [Record<string, unknown>, string][] = [
        [{ a: "1", evil: "1" }, twilioSignature(KEY, "https://example.com/hook", parseForm("a=1"))],
        [{ a: "1", evil: "1" }, twilioSignature(KEY, "https://example.com/hook?a=1")],
        [
          { bodySHA256: hash, a: 1, evil: 1 },
          twilioSignature(KEY, `https://example.com/hook?bodySHA256=${hash}`),
        ],
      ];
      for (const [fields, signature] of cases)
        expect(isSignedByTwilio(KEY, signature, bare(fields))).toBe(false);
    });
  });
});
