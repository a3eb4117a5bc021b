import { describe, expect, it } from "vitest";
import { webhookEvents } from "../../../emulator/domain/webhooks.ts";
import { withWebhooks } from "../support/client.ts";
import { type TestAccount, useAccount } from "../support/emulator.ts";
import { fieldTable } from "./field-table.ts";

const fixture = useAccount();
const [ann, bob, rider] = ["+15558675310", "+15558675312", "whatsapp:+15558675311"];
const change = { attributes: '{"a":1}', ...withWebhooks };

type Conversation = Awaited<ReturnType<TestAccount["conversation"]>>;
type Step = () => Promise<unknown>;

/** The steps that cause the webhooks of an object, and which optional fields these have. */
interface History {
  readonly of: string;
  /** As in the names of its events. */
  readonly kind: "Conversation" | "Message" | "Participant" | "Delivery" | "User";
  readonly optional: readonly string[];
  /** Optional fields that only these events of it have. */
  readonly special?: Readonly<Record<string, readonly string[]>>;
  steps(account: TestAccount): Promise<readonly Step[]>;
}

/** A conversation from its creation on. */
function conversationSteps(params: { friendlyName?: string; uniqueName?: string }) {
  return async (account: TestAccount): Promise<Step[]> => {
    let sid = "";
    return [
      async () => {
        ({ sid } = await account.conversations.create({ ...params, ...withWebhooks }));
      },
      () => account.conversations(sid).update(change),
      () => account.conversations(sid).update({ state: "inactive", ...withWebhooks }),
      () => account.conversations(sid).remove(withWebhooks),
    ];
  };
}

/** A conversation that a message from a phone creates, from its creation on. */
function autoCreatedSteps(to: (account: TestAccount) => readonly string[], message: Record<string, unknown>) {
  return async (account: TestAccount): Promise<Step[]> => {
    await account.autocreate();
    let sid = "";
    return [
      async () => {
        const { conversationSid } = await account.send(ann, "", { to: to(account), ...message });
        sid = String(conversationSid);
      },
      () => account.conversations(sid).update(change),
      () => account.conversations(sid).update({ state: "inactive", ...withWebhooks }),
      () => account.conversations(sid).remove(withWebhooks),
    ];
  };
}

/** A participant that is added by REST, changed, and removed. */
function participantSteps(
  params: (account: TestAccount) => Record<string, string>,
  update: Record<string, string | number> = change,
) {
  return async (account: TestAccount): Promise<Step[]> => {
    const { participants } = await account.conversation();
    let sid = "";
    return [
      async () => {
        ({ sid } = await participants.create({ ...params(account), ...withWebhooks }));
      },
      () => participants(sid).update({ ...update, ...withWebhooks }),
      () => participants(sid).remove(withWebhooks),
    ];
  };
}

/** A message that `post` creates, and that is changed and removed by REST. */
function messageSteps({ messages }: Conversation, post: () => Promise<{ sid: string }>): Step[] {
  let sid = "";
  return [
    async () => {
      ({ sid } = await post());
    },
    () => messages(sid).update(change),
    () => messages(sid).remove(withWebhooks),
  ];
}

/** A user that is created and changed. */
function userSteps(params: { friendlyName?: string }) {
  return async ({ client }: TestAccount): Promise<Step[]> => {
    const { users } = client.conversations.v1;
    return [
      () => users.create({ identity: "alice", ...params, ...withWebhooks }),
      () => users("alice").update(change),
    ];
  };
}

const histories: readonly History[] = [
  {
    of: "a conversation with both names",
    kind: "Conversation",
    optional: ["FriendlyName", "UniqueName"],
    steps: conversationSteps({ friendlyName: "Order 7", uniqueName: "order-7" }),
  },
  { of: "a conversation without names", kind: "Conversation", optional: [], steps: conversationSteps({}) },
  {
    of: "a conversation that a text creates",
    kind: "Conversation",
    optional: ["MessagingBinding.ProxyAddress", "MessagingBinding.Address", "MessageBody"],
    steps: autoCreatedSteps(({ emulator }) => [emulator.smsNumber], { body: "Is anybody there?" }),
  },
  {
    of: "a conversation that a picture creates",
    kind: "Conversation",
    optional: ["MessagingBinding.ProxyAddress", "MessagingBinding.Address", "Media"],
    steps: autoCreatedSteps(({ emulator }) => [emulator.smsNumber], {
      media: ["https://example.com/door.jpg"],
    }),
  },
  {
    of: "a conversation that a group text creates",
    kind: "Conversation",
    optional: [
      "MessagingBinding.Address",
      "MessagingBinding.ProjectedAddress",
      "MessagingBinding.AuthorAddress",
      "MessageBody",
    ],
    steps: autoCreatedSteps(({ emulator }) => [emulator.smsNumber, bob], { body: "Dinner?" }),
  },
  {
    of: "a message that a participant posts by REST",
    kind: "Message",
    optional: ["Body", "ParticipantSid"],
    steps: async (account) => {
      const conversation = await account.conversation();
      await conversation.participants.create({ identity: "alice" });
      const params = { author: "alice", body: "Hello", ...withWebhooks };
      return messageSteps(conversation, () => conversation.messages.create(params));
    },
  },
  {
    of: "a message whose author is not a participant",
    kind: "Message",
    optional: ["Body"],
    steps: async (account) => {
      const conversation = await account.conversation();
      const params = { author: "system", body: "Hello", ...withWebhooks };
      return messageSteps(conversation, () => conversation.messages.create(params));
    },
  },
  {
    of: "a picture from a phone",
    kind: "Message",
    optional: ["ParticipantSid", "Media"],
    steps: async (account) => {
      const proxyAddress = account.emulator.whatsappNumber;
      const conversation = await account.conversation();
      await conversation.participants.create({
        "messagingBinding.address": rider,
        "messagingBinding.proxyAddress": proxyAddress,
      });
      const picture = { media: ["https://example.com/door.jpg"] };
      return messageSteps(conversation, async () => {
        const { messageSid } = await account.send(rider, proxyAddress, picture);
        return { sid: String(messageSid) };
      });
    },
  },
  {
    of: "a chat participant, who reads",
    kind: "Participant",
    optional: ["Identity", "RoleSid"],
    special: { onParticipantUpdated: ["LastReadMessageIndex"] },
    steps: participantSteps(() => ({ identity: "alice" }), { lastReadMessageIndex: 0 }),
  },
  {
    of: "a phone with a number pair",
    kind: "Participant",
    optional: ["RoleSid", "MessagingBinding.ProxyAddress", "MessagingBinding.Address"],
    steps: participantSteps(({ emulator }) => ({
      "messagingBinding.address": ann,
      "messagingBinding.proxyAddress": emulator.smsNumber,
    })),
  },
  {
    of: "an agent in a group text",
    kind: "Participant",
    optional: ["Identity", "RoleSid", "MessagingBinding.ProjectedAddress"],
    steps: participantSteps(({ emulator }) => ({
      identity: "agent",
      "messagingBinding.projectedAddress": emulator.smsNumber,
    })),
  },
  {
    of: "a phone in a group text",
    kind: "Participant",
    optional: ["MessagingBinding.Address"],
    steps: participantSteps(() => ({ "messagingBinding.address": ann })),
  },
  {
    of: "a message to a phone",
    kind: "Delivery",
    optional: [],
    steps: async (account) => {
      const conversation = await account.conversation();
      await conversation.participants.create({
        "messagingBinding.address": ann,
        "messagingBinding.proxyAddress": account.emulator.smsNumber,
      });
      return [() => conversation.messages.create({ body: "Hello" })];
    },
  },
  { of: "a user without a name", kind: "User", optional: [], steps: userSteps({}) },
  {
    of: "a user with a name",
    kind: "User",
    optional: ["FriendlyName"],
    steps: userSteps({ friendlyName: "Alice" }),
  },
];

/** The events that are named after a kind of object. */
function eventsOf(kind: History["kind"]): string[] {
  return Object.keys(fieldTable).filter((event) => event.startsWith(`on${kind}`));
}

describe("the fields of the webhooks", () => {
  it.each(histories)("are those of the tables for $of", async ({ kind, optional, special = {}, steps }) => {
    const account = fixture.current;
    const history = await steps(account);
    const receiver = await account.receiver();
    await account.client.conversations.v1.configuration.webhooks().update({
      preWebhookUrl: receiver.url,
      postWebhookUrl: receiver.url,
      filters: eventsOf(kind),
    });
    for (const step of history) await step();
    await account.emulator.settle();
    expect(new Set(receiver.values("EventType"))).toEqual(new Set(eventsOf(kind)));
    for (const { fields } of receiver.received) {
      const event = fields.get("EventType") ?? "";
      const { always, optional: possible = [] } = fieldTable[event] ?? { always: [] };
      const some = [...optional, ...(special[event] ?? [])].filter((field) => possible.includes(field));
      expect([...fields.keys()].toSorted(), event).toEqual([...always, ...some].toSorted());
    }
  });

  it("are checked in all 23 events, the optional ones both present and absent", () => {
    expect(Object.keys(fieldTable).toSorted()).toEqual(webhookEvents.toSorted());
    expect(webhookEvents).toHaveLength(23);
    const kinds = [...new Set(histories.map(({ kind }) => kind))];
    expect(kinds.flatMap(eventsOf).toSorted()).toEqual(webhookEvents.toSorted());
    for (const kind of kinds) {
      for (const event of eventsOf(kind)) {
        const seen = histories
          .filter((history) => history.kind === kind)
          .map(({ optional, special }) => [...optional, ...(special?.[event] ?? [])]);
        const fields = fieldTable[event]?.optional ?? [];
        const unsure = fields.filter(
          (field) => !seen.some((list) => list.includes(field)) || seen.every((list) => list.includes(field)),
        );
        expect(unsure, event).toEqual([]);
      }
    }
  });
});

/** The parameters of the captures; those of an autocreated conversation are in autocreation.test.ts. */
describe("captured webhooks", () => {
  it("of a text from a phone have these fields", async () => {
    const account = fixture.current;
    const conversation = await account.conversation();
    const receiver = await account.receiver();
    await account.client.conversations.v1.configuration
      .webhooks()
      .update({ preWebhookUrl: receiver.url, postWebhookUrl: receiver.url });
    await conversation.participants.create({
      "messagingBinding.address": rider,
      "messagingBinding.proxyAddress": account.emulator.whatsappNumber,
      ...withWebhooks,
    });
    await account.send(rider, account.emulator.whatsappNumber, "Where are you?");
    const told = new Map(receiver.received.map(({ fields }) => [fields.get("EventType"), fields]));
    expect(Object.fromEntries(told.get("onMessageAdd") ?? [])).toEqual({
      RetryCount: "0",
      EventType: "onMessageAdd",
      Attributes: "{}",
      Author: rider,
      ChatServiceSid: account.emulator.chatServiceSid,
      ParticipantSid: expect.stringMatching(/^MB/),
      Body: "Where are you?",
      AccountSid: account.emulator.accountSid,
      Source: "WHATSAPP",
      ConversationSid: expect.stringMatching(/^CH/),
    });
    expect(told.get("onMessageAdded")?.get("MessagingServiceSid")).toBe(account.emulator.messagingServiceSid);
    expect(told.get("onParticipantAdded")?.get("MessagingBinding.Type")).toBe("whatsapp");
  });

  it("of media list it as JSON", async () => {
    const account = fixture.current;
    const conversation = await account.conversation();
    const receiver = await account.receiver();
    await conversation.webhooks.create({
      target: "webhook",
      "configuration.url": receiver.url,
      "configuration.filters": ["onMessageAdded"],
    });
    await conversation.participants.create({
      "messagingBinding.address": rider,
      "messagingBinding.proxyAddress": account.emulator.whatsappNumber,
    });
    await account.send(rider, account.emulator.whatsappNumber, {
      media: ["data:image/png;base64,iVBORw0KGgo="],
    });
    const [media = ""] = receiver.values("Media");
    expect(JSON.parse(media)).toEqual([
      {
        Sid: expect.stringMatching(/^ME/),
        Filename: null,
        ContentType: "image/png",
        Size: 8,
      },
    ]);
    expect(receiver.received[0]?.fields.has("WebhookSid")).toBe(true);
  });
});
