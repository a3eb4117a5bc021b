import { expect, it } from "vitest";
import type { Service } from "../../../../emulator/domain/account-model.ts";
import { configureNotifications } from "../../../../emulator/domain/configuration.ts";
import { emptyConversation } from "../../../../emulator/domain/conversation-drafts.ts";
import { createConversation } from "../../../../emulator/domain/conversations.ts";
import { addParticipant, removeParticipant } from "../../../../emulator/domain/participants.ts";
import { registerDevice } from "../../../../emulator/domain/push-bindings.ts";
import { sdkOf } from "../../../../emulator/domain/reachability.ts";
import { ensureUser } from "../../../../emulator/domain/users.ts";
import { createIds } from "../../../../emulator/ids.ts";
import { Pushes } from "../../../../emulator/push/pushes.ts";
import { createTimeline } from "../../../../emulator/timeline.ts";
import { bareWorld, participantWith, quietly } from "../../support/world.ts";

const messageTypes = ["added_to_conversation", "removed_from_conversation"] as const;
const unsaid = { enabled: undefined, template: undefined, sound: undefined };

function switchOn({ notifications }: Service): void {
  const on = { ...unsaid, enabled: "true" };
  configureNotifications(notifications, {
    logEnabled: undefined,
    newMessage: { ...unsaid, badgeCountEnabled: undefined },
    newMessageWithMedia: unsaid,
    addedToConversation: on,
    removedFromConversation: on,
  });
}

it("Actions of SDK users are pushed with their name to other users, not to themselves", async () => {
  const { world, clock, events } = bareWorld();
  const service = world.defaultService;
  switchOn(service);
  for (const identity of ["alice", "bob"]) {
    const user = ensureUser(world, service, identity, quietly);
    const device = { bindingType: "fcm", endpoint: identity, credentialSid: "CR", messageTypes } as const;
    registerDevice(world, service, user, device);
  }
  const pushes = new Pushes({ clock, ids: createIds("pushes"), timeline: createTimeline() });
  const conversation = await createConversation(world, service, emptyConversation, quietly);
  const join = (identity: string, by: string) =>
    addParticipant(world, conversation, participantWith({ identity }), sdkOf(by));
  const bob = await join("bob", "bob");
  const alice = await join("alice", "bob");
  await removeParticipant(world, alice, sdkOf("bob"));
  await removeParticipant(world, bob, sdkOf("bob"));
  for (const event of events) pushes.handle(world, event);
  const told = pushes.log.entries().map(({ identity, payload }) => [identity, JSON.stringify(payload)]);
  expect(told).toEqual([
    ["alice", expect.stringContaining(`have been added to the conversation ${conversation.sid} by bob`)],
    ["alice", expect.stringContaining(`bob has removed you from the conversation ${conversation.sid}`)],
  ]);
});
