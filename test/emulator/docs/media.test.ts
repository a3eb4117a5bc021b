import { expect, it } from "vitest";
import { rejection, useAccount } from "../support/emulator.ts";

const fixture = useAccount();
const photo = Buffer.from([0xff, 0xd8, 0x00, 0x80, 0xff, 0x0d, 0x0a, 0xd9]);

/** A request to the media service, by API key as the page recommends. */
async function mcs(
  method: string,
  path: string,
  body?: RequestInit["body"],
  headers: Record<string, string> = {},
) {
  const { url, apiKeySid, apiKeySecret, chatServiceSid } = fixture.current.emulator;
  const Authorization = `Basic ${Buffer.from(`${apiKeySid}:${apiKeySecret}`).toString("base64")}`;
  const init = { method, headers: { Authorization, ...headers }, ...(body === undefined ? {} : { body }) };
  return fetch(`${url}/v1/Services/${chatServiceSid}${path}`, init);
}

async function upload(): Promise<string> {
  const answer = await mcs("POST", "/Media?Filename=car.jpg", photo, { "Content-Type": "image/jpeg" });
  expect(answer.status).toBe(201);
  return ((await answer.json()) as { sid: string }).sid;
}

it("The Conversations Media Resource page: upload a file, retrieve it, send it", async () => {
  const account = fixture.current;
  const sid = await upload();
  const fetched = (await (await mcs("GET", `/Media/${sid}`)).json()) as Record<string, unknown>;
  const path = `/v1/Services/${account.emulator.chatServiceSid}/Media/${sid}`;
  expect(fetched).toMatchObject({
    sid,
    service_sid: account.emulator.chatServiceSid,
    size: photo.length,
    content_type: "image/jpeg",
    filename: "car.jpg",
    author: "system",
    category: "media",
    channel_sid: null,
    message_sid: null,
    url: path,
    links: { content: `${path}/Content`, content_direct_temporary: expect.stringMatching(/^http/) },
  });

  const conversation = await account.conversation();
  const message = await conversation.messages.create({ mediaSid: sid });
  expect(message).toMatchObject({
    body: null,
    media: [{ sid, size: photo.length, content_type: "image/jpeg", filename: "car.jpg" }],
  });
  expect(await (await mcs("GET", `/Media/${sid}`)).json()).toMatchObject({ message_sid: message.sid });
  const content = await mcs("GET", `/Media/${sid}/Content`);
  expect(content.headers.get("content-type")).toBe("image/jpeg");
  expect(Buffer.from(await content.arrayBuffer())).toEqual(photo);
});

it("A multipart form is taken, too, and several files are looked up at once", async () => {
  const form = new FormData();
  form.append("caption", "not a file");
  form.append("file", new Blob([photo], { type: "image/png" }), "dog.png");
  const answer = await mcs("POST", "/Media", form);
  const { sid, size, filename } = (await answer.json()) as Record<string, unknown>;
  expect({ size, filename }).toEqual({ size: photo.length, filename: "dog.png" });
  const list = [{ media_sid: sid }, { media_sid: `ME${"0".repeat(32)}` }];
  const set = await mcs("POST", "/MediaSet", JSON.stringify({ command: "get", list }));
  expect(await set.json()).toMatchObject([
    { code: 200, media_record: { sid } },
    { code: 404, media_sid: list[1]?.media_sid },
  ]);
});

it("A temporary link needs no credentials and is valid for 300 seconds", async () => {
  const account = fixture.current;
  const sid = await upload();
  await (await account.conversation()).messages.create({ mediaSid: sid });
  const { links } = (await (await mcs("GET", `/Media/${sid}`)).json()) as {
    links: { content_direct_temporary: string };
  };
  const link = links.content_direct_temporary;
  expect(Buffer.from(await (await fetch(link)).arrayBuffer())).toEqual(photo);
  expect((await fetch(link.replace(/Signature=./, "Signature=~"))).status).toBe(403);
  await account.emulator.advance(300_000);
  expect((await fetch(link)).status).toBe(403);
});

it("Media is sent once, goes with its message, and is collected after five minutes without one", async () => {
  const account = fixture.current;
  const conversation = await account.conversation();
  const [sent, forgotten] = [await upload(), await upload()];
  const message = await conversation.messages.create({ mediaSid: sent });
  expect(await rejection(conversation.messages.create({ mediaSid: sent }))).toBe("409/50508");
  expect(await rejection(conversation.messages(message.sid).update({ body: "x" }))).toBe("400/50509");
  await account.emulator.advance(5 * 60_000);
  expect((await mcs("GET", `/Media/${forgotten}`)).status).toBe(404);
  expect(await rejection(conversation.messages.create({ mediaSid: forgotten }))).toBe("404/50507");
  expect((await mcs("GET", `/Media/${sent}`)).status).toBe(200);
  await conversation.messages(message.sid).remove();
  expect((await mcs("GET", `/Media/${sent}`)).status).toBe(404);
});

it("The photo of a phone is here with its bytes", async () => {
  const account = fixture.current;
  const conversation = await account.conversation();
  await conversation.participants.create({
    "messagingBinding.address": "+15558675310",
    "messagingBinding.proxyAddress": account.emulator.smsNumber,
  });
  const url = `data:image/jpeg;base64,${photo.toString("base64")}`;
  await account.send("+15558675310", account.emulator.smsNumber, { media: [url] });
  const [message] = await conversation.messages.list();
  const [media] = (message?.media ?? []) as { sid: string; size: number }[];
  expect(media?.size).toBe(photo.length);
  const content = await mcs("GET", `/Media/${media?.sid}/Content`);
  expect(Buffer.from(await content.arrayBuffer())).toEqual(photo);
});
