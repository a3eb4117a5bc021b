import { scryptSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { hashPassword, passwordOfUser } from "../../../core/access/password.ts";
import { requestWith } from "../../support/request.ts";

/** With the least cost, so that the tests do not wait for it. */
function cheapHash(password: string, cost = 2): string {
  const salt = Buffer.from("sixteen bytes of");
  const hash = scryptSync(password, salt, 32, { N: cost });
  return `scrypt$${cost}$${salt.toString("base64url")}$${hash.toString("base64url")}`;
}

describe("passwordOfUser", () => {
  const users = `{"alice":${JSON.stringify(cheapHash("wonderland"))},"bob":${JSON.stringify(cheapHash("builder", 8))},
    "__proto__":${JSON.stringify(cheapHash("a prototype"))}}`;
  const open = () => passwordOfUser.open({ TOKEN_SERVICE_USERS: users });
  const given = (fields: Record<string, unknown>) => requestWith({ fields });

  it("is configured by TOKEN_SERVICE_USERS", () => {
    expect(passwordOfUser.isConfigured({})).toBe(false);
    expect(passwordOfUser.isConfigured({ TOKEN_SERVICE_USERS: users })).toBe(true);
    expect(passwordOfUser.schemes).toEqual(["fields identity and password"]);
    expect(Object.keys(passwordOfUser.entries)).toEqual(["TOKEN_SERVICE_USERS"]);
  });

  it.each([
    ["alice", "wonderland"],
    ["bob", "builder"],
    ["__proto__", "a prototype"],
  ])("accepts %s with the right password", async (identity, password) => {
    expect(await open()(given({ identity, password }))).toEqual({ kind: "password", identity });
  });

  it.each([
    ["alice", "builder"],
    ["alice", ""],
    ["bob", "wonderland"],
    ["nobody", "wonderland"],
    ["constructor", "wonderland"],
    ["Alice", "wonderland"],
  ])("rejects %s with %j, without revealing which of the two is wrong", async (identity, password) => {
    await expect(open()(given({ identity, password }))).rejects.toMatchObject({
      status: 401,
      message: "Unknown identity or wrong password.",
    });
  });

  it.each([
    {},
    { identity: "alice" },
    { password: "wonderland" },
    { identity: ["alice"], password: "wonderland" },
  ])("asks for both fields when given %j", async (fields) => {
    await expect(open()(given(fields))).rejects.toMatchObject({
      status: 401,
      message: "Give the fields identity and password.",
    });
  });

  it("limits failed attempts by name", async () => {
    const verify = open();
    const guess = () => verify(given({ identity: "alice", password: "guess" }));
    for (let count = 0; count < 5; count++) await expect(guess()).rejects.toMatchObject({ status: 401 });
    await expect(verify(given({ identity: "alice", password: "wonderland" }))).rejects.toMatchObject({
      code: "too_many_attempts",
    });
    expect(await verify(given({ identity: "bob", password: "builder" }))).toMatchObject({ identity: "bob" });
  });

  it("is switched off without users", async () => {
    const verify = passwordOfUser.open({});
    await expect(verify(given({ identity: "alice", password: "wonderland" }))).rejects.toMatchObject({
      status: 404,
      code: "not_configured",
      message: "The token service is switched off in this deployment.",
    });
  });

  it("accepts what hashPassword makes, with a new salt each time", async () => {
    const [one, other] = [await hashPassword("wonderland"), await hashPassword("wonderland")];
    expect(one).toMatch(/^scrypt\$16384\$[\w-]{22}\$[\w-]{43}$/);
    expect(one.split("$")[2]).not.toBe(other.split("$")[2]);
    const verify = passwordOfUser.open({ TOKEN_SERVICE_USERS: JSON.stringify({ alice: one }) });
    expect(await verify(given({ identity: "alice", password: "wonderland" }))).toMatchObject({
      identity: "alice",
    });
    await expect(verify(given({ identity: "alice", password: "Wonderland" }))).rejects.toMatchObject({
      status: 401,
    });
  });

  it.each([
    ["no JSON", 'must be a JSON object of users and hashes, such as {"alice":"scrypt$…"}'],
    ["[]", "must be a JSON object"],
    ["null", "must be a JSON object"],
    ["true", "must be a JSON object"],
    ['{"alice":"wonderland"}', "must be a hash made by `npm run hash-password`"],
    [JSON.stringify({ alice: ` ${cheapHash("x")}` }), "must be a hash"],
    [JSON.stringify({ alice: `${cheapHash("x")} ` }), "must be a hash"],
    [JSON.stringify({ alice: cheapHash("x").replace("$2$", "$12345678$") }), "must be a hash"],
    [JSON.stringify({ alice: "scrypt$2$tooShort$".concat("a".repeat(43)) }), "must be a hash"],
    ['{"alice":1}', "TOKEN_SERVICE_USERS, at 0.1,"],
  ])("names the error in %s", (text, message) => {
    expect(() => passwordOfUser.open({ TOKEN_SERVICE_USERS: text })).toThrow(message);
  });
});
