import { inTheAccount } from "../play/scenario.ts";
import { leafThrough } from "../play/stage.ts";

const mcs = "mcs.us1.twilio.com";

/** What applications use beside Conversations, Content and Chat. */
export const neighbours = [
  inTheAccount("messaging services are created, read, listed, changed and deleted", async (stage) => {
    const { services } = stage.client.messaging.v1;
    const { sid } = await services.create({
      friendlyName: "Another pool",
      inboundRequestUrl: "https://example.com",
      useInboundWebhookOnNumber: true,
    });
    await services(sid).fetch();
    await services(sid).update({ friendlyName: "The same pool" });
    await leafThrough(stage, services);
    await services(sid).remove();
    await stage.refused("404/20404", () => services(sid).fetch());
    await stage.refused("400/50000", () => services.create({ friendlyName: "" }));
    await stage.refused("400/50003", () => services.create({ friendlyName: "x".repeat(257) }));
    await stage.refused("400/20422", () => services(stage.emulator.messagingServiceSid).remove());
  }),

  inTheAccount("numbers are put into a messaging service and taken out", async (stage) => {
    const { phoneNumbers } = stage.client.messaging.v1.services(stage.emulator.messagingServiceSid);
    const numbers = ["+15005550006", "+15005550007"];
    for (const phoneNumber of numbers) {
      const { sid: phoneNumberSid } = await stage.client.incomingPhoneNumbers.create({ phoneNumber });
      await phoneNumbers.create({ phoneNumberSid });
      await stage.refused("409/21710", () => phoneNumbers.create({ phoneNumberSid }));
    }
    await stage.refused("404/21701", () => phoneNumbers.create({ phoneNumberSid: `PN${"0".repeat(32)}` }));
    await leafThrough(stage, phoneNumbers);
    const [pooled] = await phoneNumbers.list({ limit: 1 });
    await phoneNumbers(pooled?.sid ?? "").fetch();
    await phoneNumbers(pooled?.sid ?? "").remove();
    await stage.refused("404/20404", () => phoneNumbers(pooled?.sid ?? "").fetch());
  }),

  inTheAccount("phone numbers are bought, read, listed, changed and released", async (stage) => {
    const { incomingPhoneNumbers } = stage.client;
    const { sid } = await incomingPhoneNumbers.create({ areaCode: "415", friendlyName: "San Francisco" });
    await incomingPhoneNumbers(sid).fetch();
    await incomingPhoneNumbers(sid).update({ friendlyName: "The Bay", smsUrl: "https://example.com" });
    await incomingPhoneNumbers.page({ phoneNumber: "+1415" });
    await incomingPhoneNumbers(sid).remove();
    await stage.refused("404/20404", () => incomingPhoneNumbers(sid).fetch());
    await stage.refused("400/21422", () =>
      incomingPhoneNumbers.create({ phoneNumber: stage.emulator.smsNumber }),
    );
    await stage.refused("400/21421", () => incomingPhoneNumbers.create({ phoneNumber: "555" }));
  }),

  inTheAccount("a file is uploaded, described and downloaded", async (stage) => {
    const sid = await stage.upload("notes.txt", "text/plain", "Hello");
    const path = `/v1/Services/${stage.serviceSid}/Media`;
    const get = (host: string, url: string) => stage.send({ method: "GET", host, url, body: "" });
    const media = await get(mcs, `${path}/${sid}`);
    const { links } = JSON.parse(media.text);
    const { host, pathname, search } = new URL(links.content_direct_temporary);
    const downloads = [await get(mcs, `${path}/${sid}/Content`), await get(host, pathname + search)];
    if (downloads.some(({ text }) => text !== "Hello")) throw new Error("The file is another one");
    const odd = await stage.send({ method: "POST", host: mcs, url: path, body: "?" }, "no type");
    if (odd.status !== 400) throw new Error(`A file without a type got ${odd.status}`);
    const body = JSON.stringify({ command: "get", list: [{ media_sid: sid }] });
    const url = `/v1/Services/${stage.serviceSid}/MediaSet`;
    const answers = [
      await stage.send({ method: "POST", host: mcs, url, body }),
      await stage.send({ method: "POST", host: mcs, url, body: "{}" }),
      await get(host, `${pathname}?Expires=9999999999&Signature=forged`),
      await stage.send({ method: "POST", host: mcs, url: path, body: "no file" }, "multipart/form-data"),
    ];
    // A file that no message has is thrown away before its link expires.
    const { conversations } = stage.api;
    await conversations((await conversations.create()).sid).messages.create({ mediaSid: sid });
    await stage.emulator.advance(301_000);
    answers.push(await get(host, pathname + search));
    const statuses = answers.map(({ status }) => status).join();
    if (statuses !== "200,400,403,400,403") throw new Error(`The answers were ${statuses}`);
  }),

  inTheAccount("templates are listed by the second version of the Content API", async (stage) => {
    const { contents } = stage.client.content.v1;
    for (const friendly_name of ["greeting", "farewell"])
      await contents.create({
        friendly_name,
        language: "en",
        types: { "twilio/text": { body: "." } },
      } as never);
    const { contents: listed, contentAndApprovals } = stage.client.content.v2;
    await leafThrough(stage, listed);
    await leafThrough(stage, contentAndApprovals);
    await listed.page({ contentName: "greeting", language: ["en"], contentType: ["twilio/text"] });
  }),
];
