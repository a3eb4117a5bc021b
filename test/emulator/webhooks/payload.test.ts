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
function conversationLife(params: { friendlyName?: string; uniqueName?: string }) {
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

/** What a message from a phone makes, and what becomes of it. */
function autoCreatedLife(to: (account: TestAccount) => readonly string[], message: Record<string, unknown>) {
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
function participantLife(
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

/** A message that somebody posts, and that is changed and removed by REST. */
function messageLife({ messages }: Conversation, post: () => Promise<{ sid: string }>): Step[] {
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
function userLife(params: { friendlyName?: string }) {
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
    steps: conversationLife({ friendlyName: "Order 7", uniqueName: "order-7" }),
  },
  { of: "a conversation without names", kind: "Conversation", optional: [], steps: conversationLife({}) },
  {
    of: "a conversation that a text makes",
    kind: "Conversation",
    optional: ["MessagingBinding.ProxyAddress", "MessagingBinding.Address", "MessageBody"],
    steps: autoCreatedLife(({ emulator }) => [emulator.smsNumber], { body: "Is anybody there?" }),
  },
  {
    of: "a conversation that a picture makes",
    kind: "Conversation",
    optional: ["MessagingBinding.ProxyAddress", "MessagingBinding.Address", "Media"],
    steps: autoCreatedLife(({ emulator }) => [emulator.smsNumber], {
      media: ["https://example.com/door.jpg"],
    }),
  },
  {
    of: "a conversation that a group text makes",
    kind: "Conversation",
    optional: [
      "MessagingBinding.Address",
      "MessagingBinding.ProjectedAddress",
      "MessagingBinding.AuthorAddress",
      "MessageBody",
    ],
    steps: autoCreatedLife(({ emulator }) => [emulator.smsNumber, bob], { body: "Dinner?" }),
  },
  {
    of: "a message that a participant posts by REST",
    kind: "Message",
    optional: ["Body", "ParticipantSid"],
    steps: async (account) => {
      const conversation = await account.conversation();
      await conversation.participants.create({ identity: "alice" });
      const params = { author: "alice", body: "Hello", ...withWebhooks };
      return messageLife(conversation, () => conversation.messages.create(params));
    },
  },
  {
    of: "a message of nobody in the conversation",
    kind: "Message",
    optional: ["Body"],
    steps: async (account) => {
      const conversation = await account.conversation();
      const params = { author: "system", body: "Hello", ...withWebhooks };
      return messageLife(conversation, () => conversation.messages.create(params));
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
      return messageLife(conversation, async () => {
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
    steps: participantLife(() => ({ identity: "alice" }), { lastReadMessageIndex: 0 }),
  },
  {
    of: "a phone with a number pair",
    kind: "Participant",
    optional: ["RoleSid", "MessagingBinding.ProxyAddress", "MessagingBinding.Address"],
    steps: participantLife(({ emulator }) => ({
      "messagingBinding.address": ann,
      "messagingBinding.proxyAddress": emulator.smsNumber,
    })),
  },
  {
    of: "an agent in a group text",
    kind: "Participant",
    optional: ["Identity", "RoleSid", "MessagingBinding.ProjectedAddress"],
    steps: participantLife(({ emulator }) => ({
      identity: "agent",
      "messagingBinding.projectedAddress": emulator.smsNumber,
    })),
  },
  {
    of: "a phone in a group text",
    kind: "Participant",
    optional: ["MessagingBinding.Address"],
    steps: participantLife(() => ({ "messagingBinding.address": ann })),
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
  { of: "a user without a name", kind: "User", optional: [], steps: userLife({}) },
  {
    of: "a user with a name",
    kind: "User",
    optional: ["FriendlyName"],
    steps: userLife({ friendlyName: "Alice" }),
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

  it("are looked at in all 23 events, the optional ones where they are and where they are not", () => {
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

/** The parameters of the captures; those of a conversation that a text makes are in autocreation.test.ts. */
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

  it("of media name it as JSON", async () => {
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
