import { expect, it } from "vitest";
import { rejection, useAccount } from "../support/emulator.ts";

const fixture = useAccount();

it("The Service-Scoped Notification Resource page: fetch and update", async () => {
  const account = fixture.current;
  const notifications = account.client.conversations.v1
    .services(account.emulator.chatServiceSid)
    .configuration.notifications();
  const off = { enabled: false, template: null, sound: null };
  expect(await notifications.fetch()).toMatchObject({
    logEnabled: false,
    addedToConversation: off,
    removedFromConversation: off,
    newMessage: { ...off, badge_count_enabled: false, with_media: { enabled: false, template: null } },
  });
  expect((await notifications.update({ logEnabled: true })).logEnabled).toBe(true);

  const template = "You have a new message in ${CONVERSATION} from ${PARTICIPANT}: ${MESSAGE}";
  const updated = await notifications.update({
    "newMessage.enabled": true,
    "newMessage.template": template,
    "newMessage.sound": "ring",
    "newMessage.badgeCountEnabled": true,
    "newMessage.withMedia.enabled": true,
    "addedToConversation.enabled": true,
  });
  expect(updated).toMatchObject({
    logEnabled: true,
    newMessage: {
      enabled: true,
      template,
      sound: "ring",
      badge_count_enabled: true,
      with_media: { enabled: true, template: null },
    },
    addedToConversation: { enabled: true },
  });
  expect(await rejection(notifications.update({ "newMessage.sound": "x".repeat(257) }))).toBe("400/50059");
});
