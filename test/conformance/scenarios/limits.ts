import { personNumber, type ScenarioContext } from "../run/context.ts";
import { inBothFamilies, inTheAccount } from "../run/scenario.ts";

/** Calls a function `count` times, a few in parallel. */
async function repeat(count: number, action: (at: number) => Promise<unknown>): Promise<void> {
  const atOnce = 25;
  for (let from = 0; from < count; from += atOnce) {
    const batch = Array.from({ length: Math.min(atOnce, count - from) }, (_, at) => action(from + at));
    await Promise.all(batch);
  }
}

async function newConversation({ api: { conversations } }: ScenarioContext) {
  return conversations((await conversations.create()).sid);
}

const second = 1000;

/** The limits of "Conversations Limits". */
export const limits = [
  inBothFamilies(
    "more than thirty actions a second are refused, on a service and on a conversation",
    async (context) => {
      const { conversations, conversationWithParticipants, roles, users } = context.api;
      const { sid: messageSid } = await (await newConversation(context)).messages.create({ body: "Other" });
      const role = { friendlyName: "Guest", type: "conversation" as const, permission: ["sendMessage"] };
      const { sid: roleSid } = await roles.create(role);
      const conversation = await newConversation(context);
      const { participants, messages } = conversation;
      await participants.create({ identity: "alice" });
      await context.emulator.advance(second);
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
      for (const call of onService) await context.rejected("429/20429", call);
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
      for (const call of onConversation) await context.rejected("429/20429", call);
      await context.emulator.advance(second);
      await messages.create({ body: "Again" });
      await conversations.create();
    },
    { rateLimits: true },
  ),

  inTheAccount("a conversation has fifty participants outside of chat at most", async (context) => {
    const { participants } = await newConversation(context);
    const join = (at: number) =>
      participants.create({
        "messagingBinding.address": `+1555867${1000 + at}`,
        "messagingBinding.proxyAddress": context.emulator.smsNumber,
      });
    await repeat(50, join);
    await context.rejected("400/50418", () => join(50));
  }),

  inTheAccount("a conversation has a thousand participants at most", async (context) => {
    const { participants } = await newConversation(context);
    await repeat(1000, (at) => participants.create({ identity: `user${at}` }));
    await context.rejected("400/50417", () => participants.create({ identity: "late" }));
  }),

  inTheAccount("a user is in a thousand open conversations at most", async (context) => {
    const { conversationWithParticipants } = context.api;
    const participant = ['{ "identity": "alice" }'];
    await repeat(1000, () => conversationWithParticipants.create({ participant }));
    await context.emulator.settle();
    const { participants } = await newConversation(context);
    await context.rejected("400/50214", () => participants.create({ identity: "alice" }));
    await participants.create({ "messagingBinding.address": personNumber });
  }),
];
