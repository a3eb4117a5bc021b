import { get } from "node:http";
import twilio from "twilio";
import { describe, expect, it } from "vitest";
import { useAccount } from "../support/emulator.ts";

const fixture = useAccount();

/** An access token for the user alice, with a grant for a service. */
function tokenFor(serviceSid: string): string {
  const { accountSid, apiKeySid, apiKeySecret, clock } = fixture.current.emulator;
  const { AccessToken } = twilio.jwt;
  const token = new AccessToken(accountSid, apiKeySid, apiKeySecret, { identity: "alice" });
  token.addGrant(new AccessToken.ChatGrant({ serviceSid }));
  // The official class goes by the machine's time; the emulator's clock stands where the test put it.
  const machine = Date.now;
  Date.now = () => clock.now();
  try {
    return token.toJwt();
  } finally {
    Date.now = machine;
  }
}

function send(method: string, path: string, token: string, body?: string) {
  const { url, chatServiceSid } = fixture.current.emulator;
  const headers = { "X-Twilio-Token": token, "Content-Type": "text/plain" };
  const init = body === undefined ? { method, headers } : { method, headers, body };
  return fetch(`${url}/v1/Services/${chatServiceSid}${path}`, init);
}

describe("an SDK user at the media service", () => {
  it("uploads and fetches with an access token, and is the author", async () => {
    const token = tokenFor(fixture.current.emulator.chatServiceSid);
    const answer = await send("POST", "/Media", token, "hello");
    expect(answer.status).toBe(201);
    const { sid, author } = (await answer.json()) as { sid: string; author: string };
    expect(author).toBe("alice");
    expect(await (await send("GET", `/Media/${sid}/Content`, token)).text()).toBe("hello");
  });

  it("is let in nowhere else, and not without a good token", async () => {
    const account = fixture.current;
    const token = tokenFor(account.emulator.chatServiceSid);
    expect((await send("GET", "/Conversations", token)).status).toBe(401);
    expect((await send("GET", "/Media/x", `${token}x`)).status).toBe(401);
    const { sid } = await account.client.conversations.v1.services.create({ friendlyName: "Another" });
    expect((await send("GET", "/Media/x", tokenFor(sid))).status).toBe(404);
  });
});

it("The media service has a list of the services, under its own host", async () => {
  const { services } = fixture.current.client.conversations.v1;
  const { sid } = await services.create({ friendlyName: "Another" });
  const { url, accountSid, authToken, chatServiceSid } = fixture.current.emulator;
  const found = await new Promise<{ meta: { url: string }; services: { sid: string }[] }>(
    (resolve, reject) => {
      const auth = `${accountSid}:${authToken}`;
      get(`${url}/v1/Services`, { auth, headers: { host: "mcs.us1.twilio.com" } }, (response) => {
        let text = "";
        response.on("data", (chunk) => (text += chunk)).on("end", () => resolve(JSON.parse(text)));
      }).on("error", reject);
    },
  );
  expect(found.services.map((service) => service.sid)).toEqual([chatServiceSid, sid]);
  expect(found.meta.url).toContain("https://mcs.us1.twilio.com/v1/Services");
});

describe("an uploaded file", () => {
  const sandbox = "default-src 'none'; sandbox";
  it.each([
    ["text/html", "ü (1).html", sandbox, "attachment; filename*=UTF-8''%C3%BC%20%281%29.html"],
    ["image/svg+xml", "", sandbox, "attachment"],
    ["application/xhtml+xml; charset=utf-8", "a", sandbox, "attachment; filename*=UTF-8''a"],
    ["application/octet-stream", "", sandbox, "attachment"],
    ["image/png", "a.png", sandbox, null],
    ["video/mp4", "a.mp4", sandbox, null],
    ["text/plain", "a.txt", sandbox, null],
    ["application/pdf", "a.pdf", null, null],
  ])("of type %s is not executed on the control API's origin", async (type, name, policy, disposition) => {
    const { emulator } = fixture.current;
    const { url, chatServiceSid, accountSid, authToken } = emulator;
    const authorization = `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString("base64")}`;
    const media = `${url}/v1/Services/${chatServiceSid}/Media`;
    const uploaded = await fetch(`${media}?Filename=${encodeURIComponent(name)}`, {
      method: "POST",
      headers: { authorization, "content-type": type },
      body: "<script>",
    });
    const { sid } = (await uploaded.json()) as { sid: string };
    const record = await fetch(`${media}/${sid}`, { headers: { authorization } });
    const { links } = (await record.json()) as { links: { content_direct_temporary: string } };
    for (const file of [`${media}/${sid}/Content`, links.content_direct_temporary]) {
      const { headers } = await fetch(file, { headers: { authorization } });
      expect(headers.get("content-type")).toBe(type);
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("content-security-policy")).toBe(policy);
      expect(headers.get("content-disposition")).toBe(disposition);
    }
  });
});

describe("a message with media", () => {
  it.each([
    ["ME1", "400/50510"],
    [`ME${"0".repeat(32)}`, "404/50507"],
  ])("of the SID %s is refused with %s", async (sid, expected) => {
    const account = fixture.current;
    const conversation = await account.conversation();
    const { sid: conversationSid } = await conversation.fetch();
    const path = `/v1/Conversations/${conversationSid}/Messages`;
    const { status, body } = await account.rest("POST", path, `MediaSid=${sid}`);
    expect(`${status}/${body.code}`).toBe(expected);
  });

  it("cannot have that of another service", async () => {
    const account = fixture.current;
    const { sid: media } = (
      await account.rest("POST", `/v1/Services/${account.emulator.chatServiceSid}/Media`, "x")
    ).body;
    const { sid: service } = await account.client.conversations.v1.services.create({
      friendlyName: "Another",
    });
    const { sid } = (await account.rest("POST", `/v1/Services/${service}/Conversations`)).body;
    const path = `/v1/Services/${service}/Conversations/${sid}/Messages`;
    expect((await account.rest("POST", path, `MediaSid=${media}`)).body).toMatchObject({ code: 50507 });
  });
});
