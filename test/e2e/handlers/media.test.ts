import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { upload } from "../../emulator/support/outbound.ts";
import { fileOf, type MediaServer, startMediaServer } from "../../support/media-server.ts";
import { platforms } from "../../support/platforms.ts";
import { step } from "../../support/steps.ts";
import { CUSTOMER, useSystem } from "../../support/system.ts";

const SMS_USER = "+15558675310";
const MB = 1024 * 1024;

/** The company's own files, which the deployment may fetch from a private network. */
let files: MediaServer;
beforeAll(async () => {
  files = await startMediaServer();
});
afterAll(() => files.close());

/** The guide "Media Support in Conversations", "Using Media Messaging via the Conversations REST API". */
describe.each(platforms)("Media Support in Conversations, through the bundles on $name", (platform) => {
  const system = useSystem(platform, { MEDIA_ALLOW_HTTP: "true", MEDIA_ALLOWED_HOSTS: "127.0.0.1" });
  const call = (path: string, input: object) => step(system.current, path, input);

  /** An agent on chat, and people on SMS and WhatsApp who have just written. @returns the participants' SIDs. */
  async function begin() {
    const { account } = system.current;
    const { smsNumber, whatsappNumber } = account.emulator;
    const { sid: conversationSid } = await account.conversations.create();
    await call("/conversations/add-participant", { conversationSid, identity: "agent" });
    const sids: string[] = [];
    for (const [address, proxyAddress] of [
      [SMS_USER, smsNumber],
      [CUSTOMER, whatsappNumber],
    ] as const) {
      const { body } = await call("/conversations/add-participant", {
        conversationSid,
        address,
        proxyAddress,
      });
      sids.push(String(body.participantSid));
    }
    await account.send(CUSTOMER, whatsappNumber, "Send me the plan, please");
    return { conversationSid, sids };
  }

  /** The latest message that a phone shows. */
  const latest = async (phone: string) => (await system.current.account.inbox(phone)).at(-1);

  it("Sending a Media Message: an agent's picture, to a person on SMS and one on WhatsApp", async () => {
    const { account } = system.current;
    const { conversationSid } = await begin();
    const picture = { conversationSid, author: "agent", url: `${files.url}/pictures/a%20cat.png` };
    const { status, body } = await call("/media/send", picture);
    expect(status).toBe(201);
    expect(body).toMatchObject({ status: "sent", size: 300, contentType: "image/png" });
    expect(body).not.toHaveProperty("warning");
    for (const phone of [SMS_USER, CUSTOMER]) {
      const [url = ""] = (await latest(phone))?.media ?? [];
      const response = await fetch(url);
      expect(response.headers.get("content-type")).toBe("image/png");
      expect(Buffer.from(await response.arrayBuffer())).toEqual(fileOf(300));
    }
    const message = await account.conversations(conversationSid).messages(String(body.messageSid)).fetch();
    expect(message).toMatchObject({
      author: "agent",
      media: [{ sid: body.mediaSid, filename: "a cat.png", content_type: "image/png", size: 300 }],
      delivery: { total: 2, delivered: "all" },
    });

    // "First, upload the media file … Send a media message by attaching the media instance."
    const mediaSid = await upload(account, "image/jpeg", 1_000);
    const attached = await call("/conversations/send", { conversationSid, author: "agent", mediaSid });
    expect(attached.body).toMatchObject({ status: "sent" });
    expect((await latest(SMS_USER))?.media).toEqual([expect.stringContaining(mediaSid)]);
  });

  it("Limitations: a file that SMS does not support is delivered only on WhatsApp, with a warning", async () => {
    const { conversationSid, sids } = await begin();
    const plan = `${files.url}/file?type=application/pdf&size=${5 * MB + 1}`;
    const large = await call("/media/send", { conversationSid, url: plan, filename: "plan.pdf" });
    expect(large.body.warning).toBe(
      `Participants on sms (${sids[0]}) do not get the file: it is larger than 5 MB.`,
    );
    expect(await latest(SMS_USER)).toMatchObject({ direction: "in", body: "Send me the plan, please" });
    expect((await latest(CUSTOMER))?.media).toHaveLength(1);

    const beside = await call("/media/send", { conversationSid, url: `${files.url}/file`, body: "Look" });
    expect(beside.body.warning).toContain("do not get the text: beside a file it is dropped there");
    for (const phone of [SMS_USER, CUSTOMER]) {
      expect(await latest(phone)).toMatchObject({ body: "", media: [expect.any(String)] });
    }
  });

  it("a person's message is delivered to the others, but not in a closed conversation", async () => {
    const { account } = system.current;
    const { conversationSid } = await begin();
    const photo = { media: [`${files.url}/file.jpg`] };
    await account.send(SMS_USER, account.emulator.smsNumber, photo);
    expect(await latest(CUSTOMER)).toMatchObject({ direction: "in", media: [expect.any(String)] });
    await call("/conversations/close", { conversationSid });
    const late = { conversationSid, url: `${files.url}/file` };
    expect(await call("/media/send", late)).toMatchObject({
      status: 409,
      body: { code: "conversation_closed" },
    });
  });
});
