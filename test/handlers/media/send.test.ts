import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Call } from "../../../core/call.ts";
import { readGatewayEvent } from "../../../core/platforms/gateway-event.ts";
import { toRequest } from "../../../core/platforms/lambda.ts";
import mediaSend from "../../../handlers/media/send.ts";
import { bearer } from "../../support/credentials.ts";
import { EFFECTS, effectsOf, failed, SEND_MESSAGE } from "../../support/faults.ts";
import { fileOf, type MediaServer, startMediaServer } from "../../support/media-server.ts";
import { platforms } from "../../support/platforms.ts";
import { CUSTOMER, useSystem } from "../../support/system.ts";

const ANNA = "+15558675310";
const MB = 1024 * 1024;
const UPLOAD = { operation: "POST /v1/Services/{ChatServiceSid}/Media" };

let server: MediaServer;
beforeAll(async () => {
  server = await startMediaServer();
});
afterAll(() => server.close());

describe.each(platforms)("media/send on $name", (platform) => {
  const system = useSystem(platform, {
    MEDIA_LARGEST_MB: "6",
    MEDIA_TYPES: "image/*, application/pdf",
    MEDIA_ALLOW_HTTP: "true",
    MEDIA_ALLOWED_HOSTS: "127.0.0.1",
  });

  const conversation = (sid: string) => system.current.account.conversations(sid);
  const create = async () => (await system.current.account.conversations.create()).sid;
  /** Sends a file of the test server by path, or any file by URL. */
  async function send(sid: string, path: string, change: Record<string, unknown> = {}) {
    const url = path.startsWith("/") ? `${server.url}${path}` : path;
    const answer = await system.current.call("/media/send", { conversationSid: sid, url, ...change });
    await system.current.account.emulator.settle();
    return answer;
  }
  const join = (sid: string, address: string, proxyAddress: string) =>
    conversation(sid).participants.create({
      "messagingBinding.address": address,
      "messagingBinding.proxyAddress": proxyAddress,
    });

  it("posts the same bytes, with type and name", async () => {
    const sid = await create();
    const { status, body } = await send(sid, "/pictures/a%20cat.png", {
      author: "alice",
      attributes: { mood: "good" },
    });
    expect(status).toBe(201);
    expect(body).toMatchObject({
      status: "sent",
      conversationSid: sid,
      index: 0,
      size: 300,
      contentType: "image/png",
    });
    const message = await conversation(sid).messages(String(body.messageSid)).fetch();
    expect(message).toMatchObject({
      author: "alice",
      media: [{ sid: body.mediaSid, size: 300, content_type: "image/png", filename: "a cat.png" }],
    });
    expect(JSON.parse(message.attributes)).toMatchObject({ mood: "good" });
    const { url, accountSid, authToken, chatServiceSid } = system.current.account.emulator;
    const response = await fetch(`${url}/v1/Services/${chatServiceSid}/Media/${body.mediaSid}/Content`, {
      headers: { authorization: `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString("base64")}` },
    });
    expect(Buffer.from(await response.arrayBuffer())).toEqual(fileOf(300));
  });

  it("uses the requested file name, and follows redirects", async () => {
    const sid = await create();
    const path = `/to?url=${encodeURIComponent(`/to?url=${encodeURIComponent(`${server.url}/file?size=7`)}`)}`;
    const { body } = await send(sid, path, { filename: "ticket.png", body: "Your ticket" });
    const message = await conversation(sid).messages(String(body.messageSid)).fetch();
    expect(message).toMatchObject({ body: "Your ticket", media: [{ size: 7, filename: "ticket.png" }] });
  });

  it("rejects a name that is a path or contains control characters", async () => {
    const sid = await create();
    const { body } = await send(sid, "/..%2F..%5Cevil%E2%80%AE%0D%0A.png");
    const message = await conversation(sid).messages(String(body.messageSid)).fetch();
    expect(message.media).toMatchObject([{ filename: "evil.png" }]);
    const named = await send(sid, "/file", { filename: "\u202egpj.exe\u2066" });
    const second = await conversation(sid).messages(String(named.body.messageSid)).fetch();
    expect(second.media).toMatchObject([{ filename: "gpj.exe" }]);
    for (const filename of ["..", "../x.png", "a\\b.png", "a\u0000.png", "\u202e", ".\u2066."]) {
      expect(await send(sid, "/file", { filename })).toMatchObject({
        status: 400,
        body: { field: "filename" },
      });
    }
  });

  it.each(["404", "429", "500", "503", "cut"])("asks a server again once after %s", async (first) => {
    const sid = await create();
    const path = `/file?size=7&first=${first}&key=${platform.name}${first}`;
    expect(await send(sid, path)).toMatchObject({ status: 201, body: { size: 7 } });
    if (first === "cut") return;
    // Later than the answer must be there.
    const late = `/file?first=${first}&key=${platform.name}${first}late&after=60`;
    expect((await send(sid, late)).body).toMatchObject({
      code: first.startsWith("5") ? "media_source_failed" : "media_unreachable",
    });
  });

  it.each([
    ["image/jpg", "image/jpeg"],
    ["application/x-pdf", "application/pdf"],
  ])("takes %s as %s", async (type, contentType) => {
    const sid = await create();
    expect(await send(sid, `/file?type=${type}`)).toMatchObject({ status: 201, body: { contentType } });
  });

  it("delivers to the phones, and reports who does not receive the file or the text", async () => {
    const sid = await create();
    const { smsNumber, whatsappNumber } = system.current.account.emulator;
    const alone = await send(sid, "/file", { body: "Look" });
    expect(alone.body).not.toHaveProperty("warning");
    const anna = await join(sid, ANNA, smsNumber);
    const customer = await join(sid, CUSTOMER, whatsappNumber);
    expect((await send(sid, "/file")).body).not.toHaveProperty("warning");
    expect((await system.current.account.inbox(ANNA)).at(-1)?.media).toHaveLength(1);
    expect((await send(sid, "/file", { body: "Look" })).body.warning).toBe(
      `Participants on sms and whatsapp (${anna.sid}, ${customer.sid}) do not get the text: beside a file it is dropped there.`,
    );
    expect((await send(sid, "/file", { body: "Look", author: ANNA })).body.warning).toContain(
      `on whatsapp (${customer.sid})`,
    );
    expect((await send(sid, `/file?size=${5 * MB + 1}`)).body.warning).toBe(
      `Participants on sms (${anna.sid}) do not get the file: it is larger than 5 MB.`,
    );
    expect((await send(sid, "/file?type=image/tiff")).body.warning).toBe(
      `Participants on sms and whatsapp (${anna.sid}, ${customer.sid}) do not get the file: it is of type image/tiff.`,
    );
  });

  describe("rejects, naming the URL and posting nothing,", () => {
    it.each([
      ["a file whose Content-Length is too large", "/announced", "media_too_large"],
      ["a page", "/file?type=text/html", "media_type_refused"],
      ["a file without a type", "/untyped", "media_type_refused"],
      ["a compressed file", "/compressed", "media_type_refused"],
      ["a missing file", "/missing", "media_unreachable"],
      ["an empty file", "/file?size=0", "media_unreachable"],
      ["an incomplete file", "/broken", "media_unreachable"],
      ["an unreachable server", "http://127.0.0.1:1/", "media_unreachable"],
      ["a redirect to an invalid URL", "/to?url=http%3A%2F%2F%5B", "media_unreachable"],
      ["a redirect to a local file", "/to?url=file%3A%2F%2F%2Fetc%2Fpasswd", "media_url_refused"],
      ["a redirect to a private name", "/to?url=https%3A%2F%2Flocalhost%2F", "media_unreachable"],
      ["a redirect to a private address", "/to?url=http%3A%2F%2F169.254.169.254%2F", "media_address_refused"],
      ["a URL with a password", "http://me:secret@127.0.0.1/", "media_url_refused"],
      ["a URL of another kind", "ftp://127.0.0.1/file.png", "media_url_refused"],
      ["an invalid URL", "file.png", "invalid_input"],
    ])("%s", async (_what, path, code) => {
      const sid = await create();
      expect(await send(sid, path)).toMatchObject({ status: 400, body: { code, field: "url" } });
      expect(await conversation(sid).messages.list()).toEqual([]);
    });

    it.each([
      "https://127.0.0.2/",
      "https://127.1.1/",
      "https://2130706434/",
      "https://0x7f.2/",
      "https://0/",
      "https://[::1]/",
      "https://[::ffff:127.0.0.1]/",
      "https://[64:ff9b::7f00:1]/",
      "https://[fd00:ec2::254]/",
      "https://10.0.0.1/",
      "https://100.100.100.200/",
      "https://169.254.169.254/latest/meta-data/",
    ])("the private address %s", async (url) => {
      expect(await send(await create(), url)).toMatchObject({
        status: 400,
        body: { code: "media_address_refused", field: "url" },
      });
    });

    it("a name with a private address in the same way as one without an address", async () => {
      const sid = await create();
      const answers = [];
      for (const name of ["localhost", "no-such-name.invalid"]) {
        const { status, body } = await send(sid, `https://${name}/`);
        answers.push({ status, body: { ...body, requestId: "" } });
      }
      expect(answers[0]).toMatchObject({ status: 400, body: { code: "media_unreachable", field: "url" } });
      expect(answers[1]).toEqual(answers[0]);
    });

    it.each([
      "http://8.8.8.8:22/",
      "https://example.com:8443/",
      "/to?url=http%3A%2F%2Fexample.com%3A6379%2F",
    ])("a port other than 80 and 443: %s", async (url) => {
      const { status, body } = await send(await create(), url);
      expect([status, body.code]).toEqual([400, "media_url_refused"]);
      expect(body.message).toContain("port");
    });

    it("a server that stays down, as its own failure", async () => {
      const sid = await create();
      expect(await send(sid, "/down")).toMatchObject({
        status: 502,
        body: { code: "media_source_failed", field: "url" },
      });
      expect(await conversation(sid).messages.list()).toEqual([]);
    });

    it("a redirect loop", async () => {
      const sid = await create();
      const circle = `${server.url}/to?url=`;
      const path = `${circle}${encodeURIComponent(`${circle}${encodeURIComponent(`${circle}${encodeURIComponent(`${circle}x`)}`)}`)}`;
      const answer = await send(sid, path);
      expect(answer).toMatchObject({ status: 400, body: { code: "media_unreachable" } });
      expect(answer.body.message).toContain("redirected");
    });

    it("a file that is too large, without reading it to its end", async () => {
      const before = server.endless();
      const sid = await create();
      expect(await send(sid, "/endless")).toMatchObject({ status: 400, body: { code: "media_too_large" } });
      const poured = server.endless() - before;
      expect(poured).toBeGreaterThanOrEqual(6 * MB);
      // The socket buffers of the system may take more than the handler reads.
      expect(poured).toBeLessThan(40 * MB);
    });

    it("a closed or unknown conversation, before it fetches anything", async () => {
      const sid = await create();
      await conversation(sid).update({ state: "closed" });
      expect(await send(sid, "http://127.0.0.1:1/")).toMatchObject({
        status: 409,
        body: { code: "conversation_closed", field: "conversationSid" },
      });
      expect(await send(`CH${"0".repeat(32)}`, "http://127.0.0.1:1/")).toMatchObject({
        status: 404,
        body: { code: "not_found", field: "conversationSid" },
      });
    });
  });

  describe("is safe to repeat", () => {
    it("with a key", async () => {
      const sid = await create();
      const first = await send(sid, "/file", { idempotencyKey: "order-7" });
      expect(await send(sid, "/file", { idempotencyKey: "order-7" })).toMatchObject({
        status: 200,
        body: { status: "existing", messageSid: first.body.messageSid, index: 0 },
      });
      expect(await conversation(sid).messages.list()).toHaveLength(1);
    });

    it("with a key, also for concurrent calls", async () => {
      const sid = await create();
      const calls = [1, 2].map(() => send(sid, "/file", { idempotencyKey: "order-7" }));
      expect((await Promise.all(calls)).map(({ status }) => status).sort()).toEqual([200, 201]);
      expect(await conversation(sid).messages.list()).toHaveLength(1);
    });

    it.each(EFFECTS)("despite a fault (%j)", async (effect) => {
      for (const match of [UPLOAD, SEND_MESSAGE].filter((one) => effectsOf(one).includes(effect))) {
        const sid = await create();
        await system.current.injectOnce(match, effect);
        expect((await send(sid, "/file")).status).toBe(201);
        expect(await conversation(sid).messages.list()).toHaveLength(1);
      }
    });

    it("and posts nothing when the upload fails", async () => {
      const sid = await create();
      await system.current.inject(UPLOAD, failed(503));
      expect(await send(sid, "/file")).toMatchObject({ status: 502, body: { code: "upstream_failed" } });
      expect(await conversation(sid).messages.list()).toEqual([]);
    });
  });

  it("stops waiting for a file early enough to answer", async () => {
    const { emulator } = system.current.account;
    const environment = {
      ACCOUNT_SID: emulator.accountSid,
      AUTH_TOKEN: emulator.authToken,
      TWILIO_BASE_URL: emulator.url,
      JWT_SECRET: "the secret of the issuer of callers' tokens",
      MEDIA_ALLOW_HTTP: "true",
      MEDIA_ALLOWED_HOSTS: "127.0.0.1",
    };
    const sid = await create();
    const event = {
      version: "2.0",
      routeKey: "POST /media/send",
      rawPath: "/media/send",
      headers: {
        ...(await bearer({ sub: "service", scope: "conversations:write" })),
        "content-type": "application/json",
      },
      body: JSON.stringify({ conversationSid: sid, url: `${server.url}/hang` }),
      requestContext: { http: { method: "POST" }, domainName: "example.com" },
    };
    const handler = mediaSend.open(environment, () => undefined, "media/send");
    const answer = await handler.answer(
      toRequest(readGatewayEvent(event), environment),
      new Call("r1", Date.now() + 3_500),
    );
    expect(answer).toMatchObject({ status: 400, body: { code: "media_timeout", field: "url" } });
    expect(await conversation(sid).messages.list()).toEqual([]);
  });
});

describe.each(platforms)("media/send on $name, with nothing configured", (platform) => {
  const system = useSystem(platform);

  it("fetches only over https and from public addresses", async () => {
    const { sid } = await system.current.account.conversations.create();
    for (const [url, code] of [
      [`${server.url}/file`, "media_url_refused"],
      ["https://127.0.0.1/", "media_address_refused"],
    ]) {
      expect(await system.current.call("/media/send", { conversationSid: sid, url })).toMatchObject({
        status: 400,
        body: { code, field: "url" },
      });
    }
  });
});
