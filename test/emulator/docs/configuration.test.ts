import { expect, it } from "vitest";
import { rejection, useAccount } from "../support/emulator.ts";

const fixture = useAccount();

it("The Configuration Resource page: fetch and update, and what new conversations begin with", async () => {
  const account = fixture.current;
  const { configuration, services } = account.client.conversations.v1;
  expect(await configuration().fetch()).toMatchObject({
    accountSid: account.emulator.accountSid,
    defaultChatServiceSid: account.emulator.chatServiceSid,
    defaultMessagingServiceSid: account.emulator.messagingServiceSid,
    defaultInactiveTimer: null,
    defaultClosedTimer: null,
  });

  const service = await services.create({ friendlyName: "Another" });
  const changes = {
    defaultChatServiceSid: service.sid,
    defaultInactiveTimer: "PT1M",
    defaultClosedTimer: "PT10M",
  };
  expect(await configuration().update(changes)).toMatchObject(changes);

  const conversation = await account.conversations.create();
  expect(conversation.chatServiceSid).toBe(service.sid);
  expect(Object.keys(conversation.timers)).toEqual(["date_inactive", "date_closed"]);
  await account.emulator.advance(11 * 60_000);
  expect((await account.conversations(conversation.sid).fetch()).state).toBe("closed");
});

it("The minimum of the inactive timer is one minute, of the closed timer ten", async () => {
  const { configuration } = fixture.current.client.conversations.v1;
  expect(await rejection(configuration().update({ defaultInactiveTimer: "PT59S" }))).toBe("400/50375");
  expect(await rejection(configuration().update({ defaultClosedTimer: "PT9M" }))).toBe("400/50376");
  expect(await rejection(configuration().update({ defaultInactiveTimer: "P1Y" }))).toBe("400/50379");
});
