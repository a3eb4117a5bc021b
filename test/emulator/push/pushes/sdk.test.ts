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
import { bareResources, participantWith, quietly } from "../../support/resources.ts";

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
  const { resources, clock, events } = bareResources();
  const service = resources.defaultService;
  switchOn(service);
  for (const identity of ["alice", "bob"]) {
    const user = ensureUser(resources, service, identity, quietly);
    const device = { bindingType: "fcm", endpoint: identity, credentialSid: "CR", messageTypes } as const;
    registerDevice(resources, service, user, device);
  }
  const pushes = new Pushes({ clock, ids: createIds("pushes"), timeline: createTimeline() });
  const conversation = await createConversation(resources, service, emptyConversation, quietly);
  const join = (identity: string, by: string) =>
    addParticipant(resources, conversation, participantWith({ identity }), sdkOf(by));
  const bob = await join("bob", "bob");
  const alice = await join("alice", "bob");
  await removeParticipant(resources, alice, sdkOf("bob"));
  await removeParticipant(resources, bob, sdkOf("bob"));
  for (const event of events) pushes.handle(resources, event);
  const told = pushes.log.entries().map(({ identity, payload }) => [identity, JSON.stringify(payload)]);
  expect(told).toEqual([
    ["alice", expect.stringContaining(`have been added to the conversation ${conversation.sid} by bob`)],
    ["alice", expect.stringContaining(`bob has removed you from the conversation ${conversation.sid}`)],
  ]);
});
