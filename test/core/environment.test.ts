import { describe, expect, it } from "vitest";
import {
  integerVariable,
  listVariable,
  readEnvironment,
  secret,
  sidVariable,
  switchVariable,
  urlVariable,
} from "../../core/environment.ts";
import { Misconfigured } from "../../core/errors.ts";
import preEvent from "../../handlers/webhooks/pre-event.ts";
import handler from "../../handlers/whatsapp/opt-in-reply.ts";

describe("readEnvironment", () => {
  it("names every missing or invalid variable, and never a value", () => {
    const entries = { ACCOUNT_SID: sidVariable("AC"), AUTH_TOKEN: secret(), TWILIO_BASE_URL: urlVariable() };
    const read = () => readEnvironment(entries, { AUTH_TOKEN: "short", TWILIO_BASE_URL: "ftp://host" });
    expect(read).toThrow(Misconfigured);
    expect(read).toThrow(
      /ACCOUNT_SID is missing; AUTH_TOKEN is too short.*; TWILIO_BASE_URL must be an absolute/,
    );
    expect(read).not.toThrow(/ftp:/);
  });

  it.each([
    ['{"blockedWord":["x"]}', /PRE_EVENT_RULES, at blockedWord, has a setting that does not exist/],
    ['{"longestBody":"200"}', /PRE_EVENT_RULES, at longestBody, /],
    ["{", /PRE_EVENT_RULES must be a JSON object/],
  ])("names the invalid setting in a JSON variable: %s", (PRE_EVENT_RULES, message) => {
    expect(() =>
      preEvent.open({ AUTH_TOKEN: "x".repeat(32), PRE_EVENT_RULES }, () => undefined, "test"),
    ).toThrow(message);
  });

  it("treats an empty variable as missing", () => {
    expect(() => readEnvironment({ AUTH_TOKEN: secret() }, { AUTH_TOKEN: "" })).toThrow(
      "AUTH_TOKEN is missing",
    );
  });

  it("reads lists, numbers, switches and URLs", () => {
    const entries = {
      ORIGINS: listVariable(),
      TTL: integerVariable(1, 10),
      GUESTS: switchVariable(),
      URL: urlVariable(),
    };
    const given = {
      ORIGINS: "https://a, https://b,",
      TTL: "7",
      GUESTS: "true",
      URL: "http://localhost:3000/",
    };
    expect(readEnvironment(entries, given)).toEqual({
      ORIGINS: ["https://a", "https://b"],
      TTL: 7,
      GUESTS: true,
      URL: "http://localhost:3000",
    });
  });

  it.each(["0", "11", "1.5", "seven"])("rejects the number %s, which is out of range", (TTL) => {
    expect(() => readEnvironment({ TTL: integerVariable(1, 10) }, { TTL })).toThrow(/TTL must/);
  });
});

describe("a webhook's handler", () => {
  const environment = {
    ACCOUNT_SID: `AC${"a".repeat(32)}`,
    TWILIO_API_KEY_SID: `SK${"b".repeat(32)}`,
    TWILIO_API_KEY_SECRET: "s".repeat(32),
  };

  it.each([undefined, "", "short"])(
    "is rejected at start with the auth token %j, with which signatures could be forged",
    (AUTH_TOKEN) => {
      expect(() => handler.open({ ...environment, AUTH_TOKEN }, () => undefined, "test")).toThrow(
        /AUTH_TOKEN/,
      );
    },
  );
});
