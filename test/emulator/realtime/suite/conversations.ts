import type { Client, Conversation } from "@twilio/conversations";
import { collect, next, rejection, type Scenarios, same } from "./context.ts";

/** A conversation that one user has created, with them and others as participants. */
export async function roomOf(
  client: Client,
  others: readonly string[] = [],
  options: { uniqueName?: string; friendlyName?: string } = {},
): Promise<Conversation> {
  const room = await client.createConversation(options);
  const joined = next<Conversation>(client, "conversationJoined", ({ sid }) => sid === room.sid);
  await room.join();
  await opened(await joined);
  for (const identity of others) {
    const joined = next(room, "participantJoined", (who: { identity: string }) => who.identity === identity);
    await room.add(identity);
    await joined;
  }
  return room;
}

/** Waits until the SDK has opened a conversation's participants and messages: only later changes are events. */
export async function opened(room: Conversation): Promise<Conversation> {
  await room.getParticipants();
  await room.getMessages(1);
  return room;
}

export const conversations: Scenarios = {
  async "creates, names, finds, changes and deletes a conversation"(context) {
    const alice = await context.signIn("alice");
    const added = next<Conversation>(alice, "conversationAdded");
    const made = await alice.createConversation({
      friendlyName: "Lunch",
      uniqueName: "lunch",
      attributes: { where: "hall" },
    });
    same((await added).sid, made.sid);
    same([made.friendlyName, made.uniqueName, made.attributes], ["Lunch", "lunch", { where: "hall" }]);
    same([made.createdBy, made.status, made.state?.current], ["alice", "notParticipating", "active"]);
    const joined = next<Conversation>(alice, "conversationJoined");
    await made.join();
    same((await joined).status, "joined");
    same((await alice.getConversationBySid(made.sid)).sid, made.sid);
    same((await alice.getConversationByUniqueName("lunch")).sid, made.sid);
    same((await alice.peekConversationBySid(made.sid)).sid, made.sid);
    same(
      (await alice.getSubscribedConversations()).items.map(({ sid }) => sid),
      [made.sid],
    );

    const reasons = collect(
      alice,
      "conversationUpdated",
      (e: { updateReasons: string[] }) => e.updateReasons,
    );
    const isIn = (name: string) => (e: { updateReasons: string[] }) => e.updateReasons.includes(name);
    const named = next(alice, "conversationUpdated", isIn("friendlyName"));
    await made.updateFriendlyName("Dinner");
    await named;
    const renamed = next(alice, "conversationUpdated", isIn("uniqueName"));
    await made.updateUniqueName("dinner");
    await renamed;
    const attributed = next(alice, "conversationUpdated", isIn("attributes"));
    await made.updateAttributes({ where: "garden" });
    await attributed;
    same([made.friendlyName, made.uniqueName, made.attributes], ["Dinner", "dinner", { where: "garden" }]);
    same(reasons.length >= 3, true);

    const left = next<Conversation>(alice, "conversationLeft");
    const removed = next<Conversation>(alice, "conversationRemoved");
    await made.delete();
    same([(await left).sid, (await removed).sid], [made.sid, made.sid]);
    same((await alice.getSubscribedConversations()).items, []);
  },

  async "adds, changes and removes participants, and leaves"(context) {
    const [alice, bob] = [await context.signIn("alice"), await context.signIn("bob")];
    const arrived = next<Conversation>(bob, "conversationJoined");
    const room = await roomOf(alice);
    const here = next(alice, "participantJoined", (who: { identity: string }) => who.identity === "bob");
    await room.add("bob", { seat: 1 });
    await here;
    const seenByBob = await opened(await arrived);
    same(seenByBob.sid, room.sid);
    const participants = await seenByBob.getParticipants();
    same(participants.map(({ identity }) => identity).toSorted(), ["alice", "bob"]);
    same(await room.getParticipantsCount(), 2);
    const bobAsSeen = await room.getParticipantByIdentity("bob");
    same([bobAsSeen?.attributes, bobAsSeen?.type], [{ seat: 1 }, "chat"]);
    same((await room.getParticipantBySid(String(bobAsSeen?.sid)))?.identity, "bob");

    const changed = next<{ updateReasons: string[] }>(alice, "participantUpdated");
    await bobAsSeen?.updateAttributes({ seat: 2 });
    same((await changed).updateReasons.includes("attributes"), true);

    const gone = next<{ identity: string }>(alice, "participantLeft");
    const left = next<Conversation>(bob, "conversationLeft");
    await room.removeParticipant("bob");
    same([(await gone).identity, (await left).sid], ["bob", room.sid]);

    const back = next<Conversation>(bob, "conversationJoined");
    await room.add("bob");
    const again = await opened(await back);
    const goneAgain = next<{ identity: string }>(alice, "participantLeft");
    await again.leave();
    same((await goneAgain).identity, "bob");
    same(await rejection(room.add("alice")), "409 50433");
  },

  async "shows a user's existing conversations, page by page"(context) {
    const names: string[] = [];
    for (let i = 0; i < 12; i += 1) {
      const { sid } = await context.rest("POST", "/v1/Conversations", { FriendlyName: `room ${i}` });
      await context.rest("POST", `/v1/Conversations/${sid}/Participants`, { Identity: "alice" });
      names.push(`room ${i}`);
    }
    const alice = await context.signIn("alice");
    const page = await alice.getSubscribedConversations();
    same(page.items.map(({ friendlyName }) => String(friendlyName)).toSorted(), names.toSorted());
    same([page.hasNextPage, page.hasPrevPage], [false, false]);
  },

  async "shows changes of a conversation by the REST API and timers"(context) {
    const alice = await context.signIn("alice");
    const joined = next<Conversation>(alice, "conversationJoined");
    const { sid } = await context.rest("POST", "/v1/Conversations", { "Timers.Inactive": "PT1M" });
    await context.rest("POST", `/v1/Conversations/${sid}/Participants`, { Identity: "alice" });
    const room = await joined;
    const renamed = next(room, "updated", (e: { updateReasons: string[] }) =>
      e.updateReasons.includes("friendlyName"),
    );
    await context.rest("POST", `/v1/Conversations/${sid}`, { FriendlyName: "by REST" });
    await renamed;
    same(room.friendlyName, "by REST");
    const idle = next(room, "updated", (e: { updateReasons: string[] }) => e.updateReasons.includes("state"));
    await context.control("POST", "/clock/advance", { duration: "PT1M" });
    await idle;
    same(room.state?.current, "inactive");
    const removed = next<Conversation>(alice, "conversationRemoved");
    await context.rest("DELETE", `/v1/Conversations/${sid}`);
    same((await removed).sid, sid);
  },

  async "mutes a conversation, and removes a participant by its object"(context) {
    const alice = await context.signIn("alice");
    const room = await roomOf(alice, ["bob"]);
    same(room.notificationLevel, "default");
    const muted = next(room, "updated", (e: { updateReasons: string[] }) =>
      e.updateReasons.includes("notificationLevel"),
    );
    await room.setUserNotificationLevel("muted");
    await muted;
    same(room.notificationLevel, "muted");
    const bob = await room.getParticipantByIdentity("bob");
    const gone = next<{ identity: string }>(room, "participantLeft");
    await bob?.remove();
    same((await gone).identity, "bob");
    await room.sendMessage("alone");
    const [message] = (await room.getMessages(1)).items;
    same(await message?.getContentData(), null);
    same(await message?.getChannelMetadata(), null);
    // Versions before 2.5 do not have it.
    if ("getMessageRecipients" in room) same((await room.getMessageRecipients()).items, []);
  },

  async "moves a group text participant from one user to another"(context) {
    const [alice, bob] = [await context.signIn("alice"), await context.signIn("bob")];
    const { smsNumber } = await context.control("GET", "/info");
    const arrived = next<Conversation>(alice, "conversationJoined");
    const { sid } = await context.rest("POST", "/v1/Conversations");
    const path = `/v1/Conversations/${sid}/Participants`;
    const participant = await context.rest("POST", path, {
      Identity: "alice",
      "MessagingBinding.ProjectedAddress": String(smsNumber),
    });
    await context.rest("POST", path, { "MessagingBinding.Address": "+14155550101" });
    await context.rest("POST", path, { "MessagingBinding.Address": "+14155550102" });
    await opened(await arrived);
    const left = next<Conversation>(alice, "conversationLeft");
    const joined = next<Conversation>(bob, "conversationJoined");
    await context.rest("POST", `${path}/${participant.sid}`, { Identity: "" });
    same((await left).sid, sid);
    await context.rest("POST", `${path}/${participant.sid}`, { Identity: "bob" });
    same((await joined).sid, sid);
  },
};
