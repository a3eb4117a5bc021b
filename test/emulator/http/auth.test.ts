import { beforeEach, describe, expect, it } from "vitest";
import type { Account } from "../../../emulator/domain/account-model.ts";
import { checkCredentials } from "../../../emulator/http/auth.ts";

const basic = (user: string, password: string) =>
  `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;

const sid: `AC${string}` = `AC${"a".repeat(32)}`;
const key = `SK${"b".repeat(32)}`;

describe("credentials that passed once", () => {
  let keys: Map<string, string>;
  let account: Pick<Account, "sid" | "authToken" | "apiKeys">;
  const passes = (authorization: string) => {
    try {
      checkCredentials(account as Account, authorization);
      return true;
    } catch {
      return false;
    }
  };

  beforeEach(() => {
    keys = new Map([[key, "secret"]]);
    account = { sid, authToken: "token", apiKeys: keys };
    expect([basic(sid, "token"), basic(key, "secret")].map(passes)).toEqual([true, true]);
  });

  it("pass again, and let no other header pass", () => {
    expect(passes(basic(key, "secret"))).toBe(true);
    expect(passes(basic(key, "token"))).toBe(false);
    expect(passes(basic(key, "secret"))).toBe(true);
  });

  it("are refused when the account's token has changed", () => {
    expect(passes(basic(sid, "token"))).toBe(true);
    account = Object.assign(account, { authToken: "another" });
    expect(passes(basic(sid, "token"))).toBe(false);
  });

  it("are refused when the key is gone or has another secret", () => {
    keys.set(key, "another");
    expect(passes(basic(key, "secret"))).toBe(false);
    keys.delete(key);
    expect(passes(basic(key, "another"))).toBe(false);
  });

  it("are rejected by an account that replaces this one, as after a reset", () => {
    account = { sid, authToken: "new", apiKeys: new Map() };
    expect([basic(sid, "token"), basic(key, "secret")].map(passes)).toEqual([false, false]);
  });
});
