import { inBothFamilies, inTheAccount } from "../play/scenario.ts";
import { personNumber, type Stage } from "../play/stage.ts";

/** Does something `count` times, a few at a time. */
async function repeat(count: number, action: (at: number) => Promise<unknown>): Promise<void> {
  const atOnce = 25;
  for (let from = 0; from < count; from += atOnce) {
    const batch = Array.from({ length: Math.min(atOnce, count - from) }, (_, at) => action(from + at));
    await Promise.all(batch);
  }
}

async function newConversation({ api: { conversations } }: Stage) {
  return conversations((await conversations.create()).sid);
}

const second = 1000;

/** What "Conversations Limits" counts. */
export const limits = [
  inBothFamilies(
    "more than thirty actions a second are refused, on a service and on a conversation",
    async (stage) => {
      const { conversations, conversationWithParticipants, roles, users } = stage.api;
      const { sid: messageSid } = await (await newConversation(stage)).messages.create({ body: "Other" });
      const role = { friendlyName: "Guest", type: "conversation" as const, permission: ["sendMessage"] };
      const { sid: roleSid } = await roles.create(role);
      const conversation = await newConversation(stage);
      const { participants, messages } = conversation;
      await participants.create({ identity: "alice" });
      await stage.emulator.advance(second);
      await repeat(30, () => conversations.create());
      const onService = [
        () => conversations.create(),
        () => conversationWithParticipants.create(),
        () => conversation.remove(),
        () => roles.create(role),
        () => roles(roleSid).update({ permission: ["sendMessage"] }),
        () => roles(roleSid).remove(),
        () => users.create({ identity: "bob" }),
        () => users("alice").update({ friendlyName: "Alice" }),
        () => users("alice").remove(),
      ];
      for (const call of onService) await stage.refused("429/20429", call);
      await repeat(30, () => messages.create({ body: "Hello" }));
      const onConversation = [
        () => conversation.update({ friendlyName: "Busy" }),
        () => participants.create({ identity: "bob" }),
        () => participants("alice").update({ attributes: "{}" }),
        () => participants("alice").remove(),
        () => messages.create({ body: "One too many" }),
        () => messages(messageSid).update({ body: "Other" }),
        () => messages(messageSid).remove(),
      ];
      for (const call of onConversation) await stage.refused("429/20429", call);
      await stage.emulator.advance(second);
      await messages.create({ body: "Again" });
      await conversations.create();
    },
    { rateLimits: true },
  ),

  inTheAccount("a conversation has fifty participants outside of chat at most", async (stage) => {
    const { participants } = await newConversation(stage);
    const join = (at: number) =>
      participants.create({
        "messagingBinding.address": `+1555867${1000 + at}`,
        "messagingBinding.proxyAddress": stage.emulator.smsNumber,
      });
    await repeat(50, join);
    await stage.refused("400/50418", () => join(50));
  }),

  inTheAccount("a conversation has a thousand participants at most", async (stage) => {
    const { participants } = await newConversation(stage);
    await repeat(1000, (at) => participants.create({ identity: `user${at}` }));
    await stage.refused("400/50417", () => participants.create({ identity: "late" }));
  }),

  inTheAccount("nobody is in more than a thousand open conversations", async (stage) => {
    const { conversationWithParticipants } = stage.api;
    const participant = ['{ "identity": "alice" }'];
    await repeat(1000, () => conversationWithParticipants.create({ participant }));
    await stage.emulator.settle();
    const { participants } = await newConversation(stage);
    await stage.refused("400/50214", () => participants.create({ identity: "alice" }));
    await participants.create({ "messagingBinding.address": personNumber });
  }),
];
