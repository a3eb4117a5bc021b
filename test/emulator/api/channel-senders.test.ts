import { expect, it } from "vitest";
import { rejection, useAccount } from "../support/emulator.ts";

const fixture = useAccount();

it("lists the WhatsApp and RCS senders by channel, without Twilio's sandbox", async () => {
  const account = fixture.current;
  const { channelsSenders } = account.client.messaging.v2;
  for (const address of [
    "whatsapp:+15017122662",
    "whatsapp:+15017122663",
    "rcs:parley_agent",
    "+15017122664",
  ])
    await account.control("POST", "/numbers", { address });
  const found = await channelsSenders.list({ channel: "whatsapp", pageSize: 1 });
  expect(found.map(({ senderId, status }) => [senderId, status])).toEqual([
    ["whatsapp:+15017122662", "ONLINE"],
    ["whatsapp:+15017122663", "ONLINE"],
  ]);
  const [rcs] = await channelsSenders.list({ channel: "rcs" });
  expect(await channelsSenders(rcs?.sid ?? "").fetch()).toMatchObject({ senderId: "rcs:parley_agent" });
  expect(await rejection(channelsSenders.list({ channel: "sms" }))).toBe("400/20422");
  const { sid } = (await account.client.incomingPhoneNumbers.list())[0] ?? {};
  expect(await rejection(channelsSenders(String(sid).replace("PN", "XE")).fetch())).toBe("404/20404");
});
