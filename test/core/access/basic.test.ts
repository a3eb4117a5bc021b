import { describe, expect, it } from "vitest";
import { basic, basicEntry } from "../../../core/access/basic.ts";
import { authorizedWith, requestWith } from "../../support/request.ts";

const encoded = (text: string) => Buffer.from(text).toString("base64");

describe("basic", () => {
  const rule = basic("conversations:write");
  const BASIC_CREDENTIALS = `{
    "crm": ${JSON.stringify(basicEntry("secret:with:colons", ["hours:read", "conversations:write"]))},
    "reader": ${JSON.stringify(basicEntry("another", ["conversations:read"]))},
    "__proto__": ${JSON.stringify(basicEntry("a third", ["conversations:write"]))}
  }`;
  const verify = rule.open({ BASIC_CREDENTIALS });

  it("is configured by BASIC_CREDENTIALS, and is described by its challenge and scheme", () => {
    expect(rule.isConfigured({})).toBe(false);
    expect(rule.isConfigured({ BASIC_CREDENTIALS })).toBe(true);
    expect(rule.schemes).toEqual(["Authorization: Basic (scope conversations:write)"]);
    expect(Object.keys(rule.entries)).toEqual(["BASIC_CREDENTIALS"]);
    expect(rule.challengeIn({ BASIC_CREDENTIALS })).toBe('Basic realm="Parley", charset="UTF-8"');
    expect(rule.challengeIn({})).toBeUndefined();
  });

  it.each([
    ["crm", `Basic ${encoded("crm:secret:with:colons")}`],
    ["crm", `basic   ${encoded("crm:secret:with:colons").replaceAll("=", "")}`],
    ["__proto__", `BASIC ${encoded("__proto__:a third")}`],
  ])("accepts %s with %s", async (name, header) => {
    expect(await verify(authorizedWith(header))).toEqual({ kind: "basic", name });
  });

  it("leaves requests without such a header to other rules", async () => {
    expect(await verify(requestWith())).toBeUndefined();
    for (const header of ["Bearer a.b.c", "Basics abc", `X Basic ${encoded("crm:secret:with:colons")}`])
      expect(await verify(authorizedWith(header))).toBeUndefined();
  });

  it.each([
    "crm:wrong",
    "crm:",
    "nobody:secret:with:colons",
    "nobody:",
    "constructor:x",
    ":",
    "CRM:secret:with:colons",
  ])("rejects %s", async (credentials) => {
    await expect(verify(authorizedWith(`Basic ${encoded(credentials)}`))).rejects.toMatchObject({
      status: 401,
      code: "unauthenticated",
      message: "Unknown name or wrong password.",
    });
  });

  it.each([
    "Basic",
    "Basic ",
    `Basic ${encoded("no colon")}`,
    `Basic ${encoded("crm:secret:with:colons")} more`,
    `Basic, ${encoded("crm:secret:with:colons")}`,
    "Basic crm:secret",
  ])("explains the form of the header to a caller who sends %j", async (header) => {
    await expect(verify(authorizedWith(header))).rejects.toMatchObject({
      status: 401,
      message: 'The Authorization header must read "Basic" and the Base64 of name:password.',
    });
  });

  it("rejects credentials without the scope, and names it", async () => {
    await expect(verify(authorizedWith(`Basic ${encoded("reader:another")}`))).rejects.toMatchObject({
      status: 403,
      code: "insufficient_scope",
      message: "These credentials lack the scope conversations:write.",
    });
  });

  it.each([
    ["no JSON", 'must be a JSON object of names and entries, such as {"crm":"sha256$…"}'],
    ["[]", "must be a JSON object"],
    ["null", "must be a JSON object"],
    ["1", "must be a JSON object"],
    ['{"crm":"a password"}', "must be an entry made by `npm run credentials`"],
    [`{"crm":"sha256$${"a".repeat(42)}$a:b"}`, "must be an entry"],
    [`{"crm":"sha256$${"a".repeat(43)}$"}`, "must be an entry"],
    [`{"crm":"sha256$${"a".repeat(43)}$a:b "}`, "must be an entry"],
    [`{"crm":"x sha256$${"a".repeat(43)}$a:b"}`, "must be an entry"],
    ['{"crm":1}', "BASIC_CREDENTIALS, at 0.1,"],
  ])("names the error in %s", (text, message) => {
    expect(() => rule.open({ BASIC_CREDENTIALS: text })).toThrow(message);
  });

  it("accepts nobody when it is not configured", async () => {
    const empty = rule.open({});
    await expect(empty(authorizedWith(`Basic ${encoded("crm:")}`))).rejects.toMatchObject({ status: 401 });
  });
});
