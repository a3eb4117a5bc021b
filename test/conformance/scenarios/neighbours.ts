import { pageThrough } from "../run/context.ts";
import { inTheAccount } from "../run/scenario.ts";

const mcs = "mcs.us1.twilio.com";

/** Operations of products other than Conversations, Content and Chat. */
export const neighbours = [
  inTheAccount("messaging services are created, read, listed, changed and deleted", async (context) => {
    const { services } = context.client.messaging.v1;
    const { sid } = await services.create({
      friendlyName: "Another pool",
      inboundRequestUrl: "https://example.com",
      useInboundWebhookOnNumber: true,
    });
    await services(sid).fetch();
    await services(sid).update({ friendlyName: "The same pool" });
    await pageThrough(context, services);
    await services(sid).remove();
    await context.rejected("404/20404", () => services(sid).fetch());
    await context.rejected("400/50000", () => services.create({ friendlyName: "" }));
    await context.rejected("400/50003", () => services.create({ friendlyName: "x".repeat(257) }));
    await context.rejected("400/20422", () => services(context.emulator.messagingServiceSid).remove());
  }),

  inTheAccount("numbers are added to a messaging service and removed", async (context) => {
    const { phoneNumbers } = context.client.messaging.v1.services(context.emulator.messagingServiceSid);
    const numbers = ["+15005550006", "+15005550007"];
    for (const phoneNumber of numbers) {
      const { sid: phoneNumberSid } = await context.client.incomingPhoneNumbers.create({ phoneNumber });
      await phoneNumbers.create({ phoneNumberSid });
      await context.rejected("409/21710", () => phoneNumbers.create({ phoneNumberSid }));
    }
    await context.rejected("404/21701", () => phoneNumbers.create({ phoneNumberSid: `PN${"0".repeat(32)}` }));
    await pageThrough(context, phoneNumbers);
    const [pooled] = await phoneNumbers.list({ limit: 1 });
    await phoneNumbers(pooled?.sid ?? "").fetch();
    await phoneNumbers(pooled?.sid ?? "").remove();
    await context.rejected("404/20404", () => phoneNumbers(pooled?.sid ?? "").fetch());
  }),

  inTheAccount("phone numbers are bought, read, listed, changed and released", async (context) => {
    const { incomingPhoneNumbers } = context.client;
    const { sid } = await incomingPhoneNumbers.create({ areaCode: "415", friendlyName: "San Francisco" });
    await incomingPhoneNumbers(sid).fetch();
    await incomingPhoneNumbers(sid).update({ friendlyName: "The Bay", smsUrl: "https://example.com" });
    await incomingPhoneNumbers.page({ phoneNumber: "+1415" });
    await incomingPhoneNumbers(sid).remove();
    await context.rejected("404/20404", () => incomingPhoneNumbers(sid).fetch());
    await context.rejected("400/21422", () =>
      incomingPhoneNumbers.create({ phoneNumber: context.emulator.smsNumber }),
    );
    await context.rejected("400/21421", () => incomingPhoneNumbers.create({ phoneNumber: "555" }));
  }),

  inTheAccount("a file is uploaded, described and downloaded", async (context) => {
    const sid = await context.upload("notes.txt", "text/plain", "Hello");
    const path = `/v1/Services/${context.serviceSid}/Media`;
    const get = (host: string, url: string) => context.send({ method: "GET", host, url, body: "" });
    const media = await get(mcs, `${path}/${sid}`);
    const { links } = JSON.parse(media.text);
    const { host, pathname, search } = new URL(links.content_direct_temporary);
    const downloads = [await get(mcs, `${path}/${sid}/Content`), await get(host, pathname + search)];
    if (downloads.some(({ text }) => text !== "Hello")) throw new Error("The file is another one");
    const odd = await context.send({ method: "POST", host: mcs, url: path, body: "?" }, "no type");
    if (odd.status !== 400) throw new Error(`A file without a type got ${odd.status}`);
    const body = JSON.stringify({ command: "get", list: [{ media_sid: sid }] });
    const url = `/v1/Services/${context.serviceSid}/MediaSet`;
    const answers = [
      await context.send({ method: "POST", host: mcs, url, body }),
      await context.send({ method: "POST", host: mcs, url, body: "{}" }),
      await get(host, `${pathname}?Expires=9999999999&Signature=forged`),
      await context.send({ method: "POST", host: mcs, url: path, body: "no file" }, "multipart/form-data"),
    ];
    // An unattached file is deleted before its link expires.
    const { conversations } = context.api;
    await conversations((await conversations.create()).sid).messages.create({ mediaSid: sid });
    await context.emulator.advance(301_000);
    answers.push(await get(host, pathname + search));
    const statuses = answers.map(({ status }) => status).join();
    if (statuses !== "200,400,403,400,403") throw new Error(`The answers were ${statuses}`);
  }),

  inTheAccount("templates are listed by the second version of the Content API", async (context) => {
    const { contents } = context.client.content.v1;
    for (const friendly_name of ["greeting", "farewell"])
      await contents.create({
        friendly_name,
        language: "en",
        types: { "twilio/text": { body: "." } },
      } as never);
    const { contents: listed, contentAndApprovals } = context.client.content.v2;
    await pageThrough(context, listed);
    await pageThrough(context, contentAndApprovals);
    await listed.page({ contentName: "greeting", language: ["en"], contentType: ["twilio/text"] });
  }),
];
