import { request } from "node:http";
import { describe, expect, it } from "vitest";
import { allOperations } from "../../../emulator/api/operations.ts";
import { useAccount } from "../support/emulator.ts";

const fixture = useAccount();

describe("credentials", () => {
  const basic = (user: string, password: string) =>
    `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;

  it("are the account SID with the auth token, or an API key with its secret", async () => {
    const { accountSid, authToken, apiKeySid, apiKeySecret } = fixture.current.emulator;
    for (const Authorization of [basic(accountSid, authToken), basic(apiKeySid, apiKeySecret)]) {
      expect((await fixture.current.rest("GET", "/v1/Conversations", "", { Authorization })).status).toBe(
        200,
      );
    }
  });

  it.each([
    "",
    "Basic",
    "Basic !!!",
    "Bearer x",
    basic("AC", "x"),
    basic("__proto__", ""),
    basic(`AC${"0".repeat(32)}`, "undefined"),
  ])("%j are refused in Twilio's words", async (Authorization) => {
    const { status, body, headers } = await fixture.current.rest("GET", "/v1/Conversations", "", {
      Authorization,
    });
    expect(status).toBe(401);
    expect(headers.get("www-authenticate")).toBe('Basic realm="Twilio API"');
    expect(body).toEqual({
      code: 20003,
      detail: "Your AccountSid or AuthToken was incorrect.",
      message: "Authenticate",
      more_info: "https://www.twilio.com/docs/errors/20003",
      status: 401,
    });
  });
});

describe("the table of operations", () => {
  const ofProduct = (name: string) => allOperations.filter(({ product }) => product === name);

  it("has the 103 operations of Conversations v1, each once", () => {
    const names = ofProduct("conversations")
      .map(({ method, path }) => `${method} ${path}`)
      // Linked to by every message, and in no specification; the older path of the webhook configuration.
      .filter((name) => !/\/ChannelMetadata$|\/Conversations\/Webhooks$/.test(name));
    expect(names).toHaveLength(103);
    expect(new Set(names).size).toBe(103);
  });
});

describe("requests that lead nowhere", () => {
  it("get Twilio's 404 for an unknown path", async () => {
    const { status, body } = await fixture.current.rest("GET", "/v1/Nothing/here?x=1");
    expect(status).toBe(404);
    expect(body).toEqual({
      code: 20404,
      message: "The requested resource /Nothing/here was not found",
      more_info: "https://www.twilio.com/docs/errors/20404",
      status: 404,
    });
  });

  it("are not those with a slash at the end, as the pages write some lists", async () => {
    expect((await fixture.current.rest("GET", "/v1/Users/")).status).toBe(200);
  });

  it("are not those that two products have: without a Host of Twilio's the first one answers", async () => {
    const { chatServiceSid, messagingServiceSid } = fixture.current.emulator;
    const services = await fixture.current.rest("GET", "/v1/Services");
    expect(services.body).toMatchObject({ services: [{ sid: chatServiceSid }] });
    const numbers = await fixture.current.rest("GET", `/v1/Services/${messagingServiceSid}/PhoneNumbers`);
    expect(numbers.body).toMatchObject({ phone_numbers: [] });
  });

  it("get 405 for a method that the path does not have", async () => {
    expect((await fixture.current.rest("PUT", "/v1/Conversations")).body).toMatchObject({
      code: 20004,
      status: 405,
    });
  });

  it.each([
    ["conversations.twilio.com", "/v1/Content", 404],
    ["content.twilio.com", "/v1/Content", 200],
    ["conversations.dublin.ie1.twilio.com", "/v1/Conversations", 200],
    ["api.twilio.com", "/2010-04-01/Accounts.json", 501],
    ["messaging.twilio.com", "/v1/Services", 200],
    ["messaging.twilio.com", "/v1/Deactivations", 501],
    ["mcs.us1.twilio.com", "/v1/Services", 200],
    ["mcs.us1.twilio.com", "/v1/Media", 501],
    ["video.twilio.com", "/v1/Rooms", 501],
  ])("are told apart by product: %s%s is %i", async (Host, path, status) => {
    const { url, accountSid, authToken } = fixture.current.emulator;
    const answered = await new Promise((resolve, reject) => {
      const options = {
        port: new URL(url).port,
        path,
        headers: { Host },
        auth: `${accountSid}:${authToken}`,
        agent: false,
      };
      const outgoing = request(options, (response) => resolve(response.resume().statusCode));
      outgoing.on("error", reject).end();
    });
    expect(answered).toBe(status);
  });

  it("get 413 for a body of more than 1 MB", async () => {
    const { status } = await fixture.current.rest("POST", "/v1/Conversations", "x".repeat(1024 * 1024 + 1));
    expect(status).toBe(413);
  });
});

describe("every answer", () => {
  it("carries a request id, a duration, and permission for browsers", async () => {
    const { headers } = await fixture.current.rest("GET", "/v1/Conversations");
    expect(headers.get("twilio-request-id")).toMatch(/^RQ[0-9a-f]{32}$/);
    expect(headers.get("twilio-request-duration")).toMatch(/^\d+\.\d{3}$/);
    expect(headers.get("access-control-allow-origin")).toBe("*");
  });

  it("answers preflight requests of browsers", async () => {
    const response = await fetch(`${fixture.current.emulator.url}/v1/Conversations`, { method: "OPTIONS" });
    expect(response.status).toBe(204);
    expect(response.headers.get("access-control-allow-headers")).toContain("Authorization");
  });
});
