import type { Conversation, Message, Participant, User } from "@twilio/conversations";
import { collect, connection, next, rejection, type Scenarios, same } from "./context.ts";
import { opened, roomOf } from "./conversations.ts";

export const connections: Scenarios = {
  async "loses and repeats no change when the connection breaks"(context) {
    const [alice, bob] = [await context.signIn("alice"), await context.signIn("bob")];
    const arrived = next<Conversation>(bob, "conversationJoined");
    const room = await roomOf(alice, ["bob"]);
    const theirs = await opened(await arrived);
    const heard = collect(bob, "messageAdded", ({ body }: Message) => body);
    const edits = collect(bob, "messageUpdated", ({ message }: { message: Message }) => message.body);
    const removals = collect(bob, "messageRemoved", ({ index }: Message) => index);
    const joiners = collect(bob, "participantJoined", ({ identity }: Participant) => identity);
    const second = next<Message>(bob, "messageAdded", ({ body }) => body === "before 1");
    for (const i of [0, 1]) await room.sendMessage(`before ${i}`);
    await second;
    const lost = connection(bob, "connecting");
    await context.control("DELETE", "/sessions/bob");
    await lost;
    for (const i of [0, 1, 2]) await room.sendMessage(`meanwhile ${i}`);
    const [first, other] = (await room.getMessages(5, 0, "forward")).items;
    await first?.updateBody("edited");
    await other?.remove();
    await room.add("carol");
    await room.updateFriendlyName("renamed");
    const elsewhere = await alice.createConversation({ friendlyName: "another" });
    await elsewhere.join();
    const invited = next<Conversation>(bob, "conversationJoined", ({ sid }) => sid === elsewhere.sid);
    await elsewhere.add("bob");
    await invited;
    await connection(bob, "connected");
    const last = next<Message>(bob, "messageAdded", ({ body }) => body === "after");
    await room.sendMessage("after");
    await last;
    same(heard, ["before 0", "before 1", "meanwhile 0", "meanwhile 1", "meanwhile 2", "after"]);
    same([edits, removals, joiners], [["edited"], [1], ["carol"]]);
    same(theirs.friendlyName, "renamed");
  },

  async "announces the expiry of a token, accepts a new one, and disconnects when that expires"(context) {
    const alice = await context.signIn("alice", { ttl: 600 });
    const warned = next(alice, "tokenAboutToExpire");
    await context.control("POST", "/clock/advance", { duration: "PT7M" });
    await warned;
    await alice.updateToken(await context.token("alice", 600));
    await context.control("POST", "/clock/advance", { duration: "PT5M" });
    same(alice.connectionState, "connected");
    const expired = next(alice, "tokenExpired");
    await context.control("POST", "/clock/advance", { duration: "PT5M" });
    await expired;
    await connection(alice, "disconnected");
    await alice.updateToken(await context.token("alice", 600));
    await connection(alice, "connected");
    same((await alice.createConversation({ friendlyName: "again" })).friendlyName, "again");
  },

  async "rejects a token that is invalid, or another user's"(context) {
    const client = context.connect("no token");
    const failed = next<{ message: string; errorCode?: number }>(client, "connectionError");
    same((await failed).errorCode, 20101);
    const alice = await context.signIn("alice");
    const error = await alice.updateToken(await context.token("bob")).then(
      () => undefined,
      (reason: Error) => reason,
    );
    same(error instanceof Error, true);
  },

  async "shows a user online while one of their tabs is connected"(context) {
    const services = await context.rest("GET", "/v1/Services");
    const [service] = services.services as { sid: string }[];
    const path = `/v1/Services/${service?.sid}/Configuration`;
    await context.rest("POST", path, { ReachabilityEnabled: "true" });
    const alice = await context.signIn("alice");
    same(alice.reachabilityEnabled, true);
    await context.rest("POST", "/v1/Users", { Identity: "bob" });
    const bob = await alice.getUser("bob");
    const changes = collect(bob, "updated", ({ user }: { user: User }) => user.isOnline);
    const online = next(bob, "updated");
    const [one, other] = [await context.signIn("bob"), await context.signIn("bob")];
    await online;
    await one.shutdown();
    same((await context.rest("GET", "/v1/Users/bob")).is_online, true);
    const offline = next<{ user: User }>(bob, "updated", ({ user }) => user.isOnline === false);
    await other.shutdown();
    await offline;
    same(changes, [true, false]);
    const again = next<{ user: User }>(bob, "updated", ({ user }) => user.isOnline === true);
    await context.signIn("bob");
    await again;
    await context.control("DELETE", "/sessions/bob");
    await context.control("POST", "/clock/advance", { duration: "PT5S" });
    same(bob.isOnline, true);
  },

  async "enforces the permissions of roles"(context) {
    const [alice, bob] = [await context.signIn("alice"), await context.signIn("bob")];
    const arrived = next<Conversation>(bob, "conversationJoined");
    const room = await roomOf(alice, ["bob"]);
    const theirs = await opened(await arrived);
    const here = next<Message>(bob, "messageAdded");
    await room.sendMessage("mine");
    const message = await here;
    const denied = "403 50107";
    same(await rejection(theirs.updateFriendlyName("his")), denied);
    same(await rejection(theirs.updateAttributes({})), denied);
    same(await rejection(theirs.add("carol")), denied);
    same(await rejection(theirs.removeParticipant("alice")), denied);
    same(await rejection(theirs.delete()), denied);
    same(await rejection(message.updateBody("his")), denied);
    same(await rejection(message.remove()), denied);
    same(await rejection(theirs.addNonChatParticipant("+15017122661", "+14155550101")), denied);
    const roles = (await context.rest("GET", "/v1/Roles")).roles as { sid: string; friendly_name: string }[];
    const user = roles.find((role) => role.friendly_name === "service user");
    await context.rest("POST", `/v1/Roles/${user?.sid}`, { Permission: "editOwnUserInfo" });
    same(await rejection(bob.createConversation({})), denied);
    const { sid } = await context.rest("POST", "/v1/Conversations");
    same(await rejection(bob.peekConversationBySid(String(sid))), "403 50430");
  },

  async "calls pre-action webhooks, and names the user in the others"(context) {
    const { target, received } = await context.hook({ onMessageAdd: { status: 403 } });
    const alice = await context.signIn("alice");
    const room = await roomOf(alice);
    await context.rest("POST", "/v1/Configuration/Webhooks", {
      PreWebhookUrl: target,
      PostWebhookUrl: target,
      Filters: "onMessageAdd",
    });
    same(await rejection(room.sendMessage("never")), "400 50056");
    await context.rest("POST", "/v1/Configuration/Webhooks", { Filters: "onConversationUpdated" });
    await room.updateFriendlyName("told");
    await context.control("POST", "/settle");
    const told = (await received()).map(({ EventType, Source, ClientIdentity }) => [
      EventType,
      Source,
      ClientIdentity,
    ]);
    same(told, [
      ["onMessageAdd", "SDK", "alice"],
      ["onConversationUpdated", "SDK", "alice"],
    ]);
  },
};
