import { pageThrough } from "../run/context.ts";
import { inBothFamilies } from "../run/scenario.ts";

const tooMuch = JSON.stringify("x".repeat(17_000));

export const users = [
  inBothFamilies("a user is created, read, changed and deleted with every parameter", async (context) => {
    const { users, conversations } = context.api;
    const { participants } = conversations((await conversations.create()).sid);
    // A participant comes with a user, who has the service's default role.
    await participants.create({ identity: "bob" });
    const { roleSid } = await users("bob").fetch();
    const fields = { friendlyName: "Alice", attributes: '{ "duty": "tech" }', roleSid };
    const { sid } = await users.create({ ...fields, identity: "alice", xTwilioWebhookEnabled: "true" });
    await users(sid).fetch();
    await users(sid).update({ ...fields, friendlyName: "Alicia", xTwilioWebhookEnabled: "true" });
    await users("alice").remove({ xTwilioWebhookEnabled: "true" });
    await context.rejected("404/20404", () => users(sid).fetch());
  }),

  inBothFamilies("users are listed page by page", async (context) => {
    const { users } = context.api;
    await users.create({ identity: "alice" });
    await users.create({ identity: "bob" });
    await pageThrough(context, users);
  }),

  inBothFamilies("a user with invalid parameters is rejected", async (context) => {
    const { users } = context.api;
    await users.create({ identity: "alice" });
    const errors: [string, Parameters<typeof users.create>[0]][] = [
      ["400/50204", { identity: "" }],
      ["409/50201", { identity: "alice" }],
      ["400/50207", { identity: "x".repeat(257) }],
      ["400/50206", { identity: `US${"0".repeat(32)}` }],
      ["400/50003", { identity: "bob", friendlyName: "x".repeat(257) }],
      ["400/50203", { identity: "system" }],
      ["400/50304", { identity: "bob", attributes: "{" }],
      ["400/50303", { identity: "bob", attributes: tooMuch }],
      ["404/50100", { identity: "bob", roleSid: `RL${"0".repeat(32)}` }],
    ];
    for (const [expected, params] of errors) await context.rejected(expected, () => users.create(params));
    await context.rejected("400/50003", () => users("alice").update({ friendlyName: "x".repeat(257) }));
    await context.rejected("400/50303", () => users("alice").update({ attributes: tooMuch }));
    await context.rejected("400/50304", () => users("alice").update({ attributes: "{" }));
    await context.rejected("404/50100", () => users("alice").update({ roleSid: `RL${"0".repeat(32)}` }));
    await context.rejected("404/20404", () => users("nobody").update({ friendlyName: "Nobody" }));
    await context.rejected("404/20404", () => users("nobody").remove());
  }),

  inBothFamilies("the conversations of a user are listed, read, marked as read and left", async (context) => {
    const { users, conversations } = context.api;
    const timers = { "timers.inactive": "PT1M", "timers.closed": "PT10M" };
    const first = conversations((await conversations.create({ ...timers, uniqueName: "first" })).sid);
    const second = conversations((await conversations.create({ ...timers })).sid);
    for (const { participants } of [first, second]) await participants.create({ identity: "alice" });
    const { sid } = await first.fetch();
    await first.messages.create({ body: "Unread" });
    const { userConversations } = users("alice");
    await userConversations(sid).fetch();
    await userConversations(sid).update({
      notificationLevel: "muted",
      lastReadMessageIndex: 0,
      lastReadTimestamp: new Date("2026-01-05T10:00:00Z"),
    });
    await userConversations(sid).update({ notificationLevel: "default" });
    await userConversations.page();
    await pageThrough(context, userConversations);
    await users.create({ identity: "bob" });
    await users("bob").userConversations.page();
    await context.rejected("400/50210", () =>
      userConversations(sid).update({ notificationLevel: "loud" as "muted" }),
    );
    await context.rejected("400/50421", () => userConversations(sid).update({ lastReadMessageIndex: -1 }));
    await context.rejected("400/50405", () =>
      userConversations(sid).update({ lastReadTimestamp: "soon" as never }),
    );
    await userConversations(sid).remove();
    await context.rejected("404/20404", () => userConversations(sid).fetch());
    await context.rejected("404/20404", () => users("nobody").userConversations.page());
  }),
];

export const roles = [
  inBothFamilies("a role is created, read, changed and deleted", async (context) => {
    const { roles } = context.api;
    const { sid } = await roles.create({
      friendlyName: "Conversation Role",
      type: "conversation",
      permission: ["sendMessage", "leaveConversation", "editOwnMessage", "deleteOwnMessage"],
    });
    await roles(sid).fetch();
    await roles(sid).update({ permission: ["sendMessage"] });
    await roles(sid).remove();
    await context.rejected("404/20404", () => roles(sid).fetch());
  }),

  inBothFamilies("roles are listed page by page", async (context) => {
    const { roles } = context.api;
    await roles.create({ friendlyName: "Moderator", type: "service", permission: ["addParticipant"] });
    await pageThrough(context, roles);
  }),

  inBothFamilies("a role with invalid parameters is rejected", async (context) => {
    const { roles } = context.api;
    const good = { friendlyName: "Guest", type: "conversation" as const, permission: ["sendMessage"] };
    const { sid } = await roles.create(good);
    await context.rejected("400/50000", () => roles.create({ ...good, friendlyName: "" }));
    await context.rejected("400/50003", () => roles.create({ ...good, friendlyName: "x".repeat(257) }));
    await context.rejected("400/50105", () => roles.create({ ...good, type: "planet" as "service" }));
    await context.rejected("404/50104", () => roles.create({ ...good, permission: ["flyAway"] }));
    await context.rejected("400/20422", () => roles.create({ ...good, permission: [] }));
    const { participants } = context.api.conversations((await context.api.conversations.create()).sid);
    await participants.create({ identity: "alice", roleSid: sid });
    await context.rejected("409/20409", () => roles(sid).remove());
    await context.rejected("404/50102", () => context.api.users("alice").update({ roleSid: sid }));
    await context.rejected("404/50102", () => context.api.users.create({ identity: "bob", roleSid: sid }));
    await context.rejected("404/50104", () => roles(sid).update({ permission: ["flyAway"] }));
    await context.rejected("404/20404", () =>
      roles(`RL${"0".repeat(32)}`).update({ permission: ["sendMessage"] }),
    );
    await context.rejected("404/20404", () => roles(`RL${"0".repeat(32)}`).remove());
  }),
];
