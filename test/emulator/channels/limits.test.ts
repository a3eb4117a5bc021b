import { describe, expect, it } from "vitest";
import { channels } from "../../../emulator/channels/channels.ts";
import { checkLimits } from "../../../emulator/channels/limits.ts";
import type { Channel } from "../../../emulator/domain/channels.ts";
import type { Media } from "../../../emulator/domain/model.ts";
import { type TestAccount, useAccount } from "../support/emulator.ts";
import { outcomes, pair, post, upload } from "../support/outbound.ts";

const sms = "+15558675310";
const whatsapp = "whatsapp:+15558675311";
const messenger = "messenger:4015558675313";
const rcs = "rcs:+15558675312";
/** Senders that an account does not have from the start. */
const senders = new Map([
  [messenger, "messenger:105558675314"],
  [rcs, "rcs:owl_air"],
]);
const MB = 1024 * 1024;

const dataUrl = (type: string, size: number) =>
  `data:${type};base64,${Buffer.alloc(size).toString("base64")}`;

/** A conversation with one person on SMS and one on WhatsApp, whose window is open. */
async function setUp(account: TestAccount) {
  const conversation = await account.conversation();
  await account.send(whatsapp, account.emulator.whatsappNumber, "open the window");
  await conversation.participants.create(pair(sms, account.emulator.smsNumber));
  await conversation.participants.create(pair(whatsapp, account.emulator.whatsappNumber));
  return conversation;
}

async function shown(account: TestAccount, address: string) {
  const messages = await account.inbox(address);
  return messages.filter(({ direction }) => direction === "in");
}

/** "Conversations Limits", length limits. */
describe("the length of a body", () => {
  const fixture = useAccount();

  it("is 1,600 characters on SMS and WhatsApp; a longer one fails and is never sent", async () => {
    const account = fixture.current;
    const conversation = await setUp(account);
    expect(await post(account, conversation, { body: "x".repeat(1600) })).toEqual(["delivered", "delivered"]);
    const { sid } = await conversation.messages.create({ body: "x".repeat(1601) });
    await account.emulator.settle();
    expect(await outcomes(conversation, sid)).toEqual(["failed 21617", "failed 21617"]);
    expect((await conversation.messages(sid).fetch()).delivery).toEqual({
      total: 2,
      sent: "none",
      delivered: "none",
      read: "none",
      failed: "all",
      undelivered: "none",
    });
    const { body } = await account.control("GET", "/timeline");
    const failures = (body.timeline as { kind: string; status: string }[]).filter(
      ({ kind, status }) => kind === "delivery" && status === "failed",
    );
    expect(failures).toMatchObject([
      { from: account.emulator.smsNumber, to: sms, errorCode: 21617 },
      { from: account.emulator.whatsappNumber, to: whatsapp, errorCode: 21617 },
    ]);
  });
});

/** "Conversations Limits", media limits from chat participants. */
describe("media from chat", () => {
  const fixture = useAccount();

  it("is an MMS on SMS, and can be fetched from the phone", async () => {
    const account = fixture.current;
    const conversation = await setUp(account);
    const { sid } = await conversation.messages.create({ mediaSid: await upload(account, "image/png", 3) });
    await account.emulator.settle();
    const receipts = await conversation.messages(sid).deliveryReceipts.list();
    expect(receipts.map(({ channelMessageSid }) => channelMessageSid.slice(0, 2))).toEqual(["MM", "WA"]);
    for (const phone of [sms, whatsapp]) {
      const [link = ""] = (await shown(account, phone))[0]?.media ?? [];
      const answer = await fetch(link);
      expect(answer.headers.get("content-type")).toBe("image/png");
      expect((await answer.arrayBuffer()).byteLength).toBe(3);
    }
  });

  it("is delivered without the text", async () => {
    const account = fixture.current;
    const conversation = await setUp(account);
    const mediaSid = await upload(account, "image/jpeg", 3);
    expect(await post(account, conversation, { body: "Look", mediaSid })).toEqual(["delivered", "delivered"]);
    for (const phone of [sms, whatsapp]) {
      expect(await shown(account, phone)).toMatchObject([
        { body: "", media: [expect.stringContaining("/ME")] },
      ]);
    }
  });
});

/** "Conversations Limits", media limits from non-chat participants. */
describe("media from a phone", () => {
  const fixture = useAccount();

  it("is delivered with all files by SMS; WhatsApp accepts one file", async () => {
    const account = fixture.current;
    const conversation = await setUp(account);
    const sender = "+15558675312";
    await conversation.participants.create(pair(sender, account.emulator.smsNumber));
    const send = async (media: string[]) => {
      const { messageSid } = await account.send(sender, account.emulator.smsNumber, { body: "Look", media });
      return outcomes(conversation, String(messageSid));
    };
    const [gif, png] = [dataUrl("image/gif", 3), dataUrl("image/png", 3)];
    expect(await send([png])).toEqual(["delivered", "delivered"]);
    expect(await send([gif, png])).toEqual(["delivered", "failed 63021"]);
    const elsewhere = "https://example.com/photo";
    expect(await send([elsewhere])).toEqual(["delivered", "delivered"]);
    expect(await shown(account, sms)).toMatchObject([
      { body: "Look", media: [expect.stringMatching(/^http/)] },
      { body: "Look", media: [expect.stringMatching(/^http/), expect.stringMatching(/^http/)] },
      { body: "Look", media: [elsewhere] },
    ]);
    expect(await shown(account, whatsapp)).toMatchObject([{ body: "Look" }, { media: [elsewhere] }]);
  });

  const file = (size: number, contentType = "image/png"): Media => ({
    sid: "ME0",
    serviceSid: "IS0",
    size,
    contentType,
    filename: null,
    category: "media",
    author: "somebody",
    url: null,
    bytes: Buffer.alloc(0),
    message: null,
    dateCreated: 0,
    dateUpdated: 0,
  });
  /** The error code of a message of these files from a person, 0 when it is within the limits. */
  const codeOf = (channel: Channel, files: readonly Media[], fileCount = files.length) => {
    const limits = channels[channel].fileLimits.fromPerson;
    return checkLimits(limits, { body: "", fileCount, files })?.code ?? 0;
  };

  it.each([
    ["ten files", Array.from({ length: 10 }, () => file(1)), 0],
    ["eleven files", Array.from({ length: 11 }, () => file(1)), 21623],
    ["a file of 2 MB", [file(2 * MB)], 0],
    ["a file of more than 2 MB", [file(2 * MB + 1)], 30019],
    ["5 MB in total", [file(2 * MB), file(2 * MB), file(MB)], 0],
    ["more than 5 MB in total", [file(2 * MB), file(2 * MB), file(MB + 1)], 30019],
    ["a contact", [file(1, "text/x-vcard")], 0],
    ["a program", [file(1, "application/octet-stream")], 63021],
  ])("as MMS, %s", (_title, files, code) => {
    expect(codeOf("sms", files)).toBe(code);
  });

  it.each(["whatsapp", "rcs", "messenger"] as const)("on %s, one file of 16 MB", (channel) => {
    expect(codeOf(channel, [file(16 * MB)])).toBe(0);
    expect(codeOf(channel, [file(16 * MB + 1)])).toBe(63034);
    expect(codeOf(channel, [file(1), file(1)])).toBe(63021);
    expect(codeOf(channel, [file(1, "video/webm")])).toBe(63021);
  });

  it("counts the files of a template, of which only URLs are known", () => {
    expect(codeOf("whatsapp", [], 2)).toBe(63021);
  });
});

describe("files at the limits of their size", () => {
  // To store them takes seconds; what is stored of a file does not depend on its size.
  const fixture = useAccount({}, { isStored: false });

  it.each([
    ["image/png", 5 * MB, ["delivered", "delivered"]],
    ["image/png", 5 * MB + 1, ["failed 30019", "delivered"]],
    ["video/mp4", 16 * MB, ["failed 30019", "delivered"]],
    ["application/pdf", 16 * MB + 1, ["failed 30019", "failed 63034"]],
    ["image/gif", 3, ["failed 63021", "failed 63021"]],
    ["text/html; charset=utf-8", 3, ["failed 63021", "failed 63021"]],
    ["audio/mpeg", 3, ["delivered", "delivered"]],
    ["audio/AMR", 3, ["delivered", "delivered"]],
  ])("from chat, %s of %i bytes: %s", async (contentType, size, expected) => {
    const account = fixture.current;
    const conversation = await setUp(account);
    expect(await post(account, conversation, { mediaSid: await upload(account, contentType, size) })).toEqual(
      expected,
    );
  });

  it.each([
    ["a file of 2 MB", sms, [2 * MB], undefined],
    ["a larger file", sms, [2 * MB + 1], "a file of 2097153 bytes"],
    ["more than 5 MB in all", sms, [2 * MB, 2 * MB, MB + 1], "has 5242881 bytes"],
    ["eleven files", sms, Array.from({ length: 11 }, () => 1), "has 11 files"],
    ["ten files of 5 MB in all", sms, Array.from({ length: 10 }, () => MB / 2), undefined],
    ["a file of 16 MB", whatsapp, [16 * MB], undefined],
    ["more than 16 MB", whatsapp, [16 * MB + 1], "a file of 16777217 bytes"],
    ["two files", whatsapp, [1, 1], "has 2 files"],
    ["a file of 16 MB", messenger, [16 * MB], undefined],
    ["more than 16 MB", messenger, [16 * MB + 1], "a file of 16777217 bytes"],
    ["a file of 16 MB", rcs, [16 * MB], undefined],
    ["more than 16 MB", rcs, [16 * MB + 1], "a file of 16777217 bytes"],
  ])("cannot be sent beyond the channel's limits: %s", async (_what, from, sizes, reason) => {
    const { control, emulator } = fixture.current;
    const to = senders.get(from) ?? (from === sms ? emulator.smsNumber : emulator.whatsappNumber);
    if (senders.has(from)) await control.call(fixture.current, "POST", "/numbers", { address: to });
    const media = sizes.map((size) => dataUrl("image/png", size));
    const path = `/phones/${encodeURIComponent(from)}/messages`;
    const { status, body } = await control.call(fixture.current, "POST", path, { to, media });
    if (reason === undefined) expect(status).toBe(201);
    else
      expect({ status, error: body.error }).toEqual({ status: 400, error: expect.stringContaining(reason) });
  });
});
