import { describe, expect, it } from "vitest";
import { platforms } from "../../support/platforms.ts";
import { step } from "../../support/steps.ts";
import { useSystem } from "../../support/system.ts";

const PERSON = "+15558675310";

/**
 * The guide "Read Horizon and Read Status in Conversations", with a badge from `users/unread`. The app's steps use
 * the User Conversation resource.
 */
describe.each(platforms)("Read Horizon in Conversations, through the bundles on $name", (platform) => {
  const system = useSystem(platform);
  const call = (path: string, input: object) => step(system.current, path, input);

  /** The badge of a user's app, requested with the user's token. */
  async function badgeOf(identity: string) {
    const { body } = await system.current.call("/users/unread", {}, { sub: identity });
    const { unread, conversations, withoutReadHorizon } = body;
    return { unread, conversations, withoutReadHorizon };
  }

  /** The app of a user sets the read horizon. */
  const read = (identity: string, conversationSid: string, lastReadMessageIndex: number) =>
    system.current.account.client.conversations.v1
      .users(identity)
      .userConversations(conversationSid)
      .update({ lastReadMessageIndex });

  /** A conversation with some chat users. */
  async function begin(...identities: string[]): Promise<string> {
    const { sid: conversationSid } = await system.current.account.conversations.create();
    for (const identity of identities) {
      await call("/conversations/add-participant", { conversationSid, identity });
    }
    return conversationSid;
  }
  const say = (conversationSid: string, author: string, body: string) =>
    call("/conversations/send", { conversationSid, author, body });

  it("a badge counts unread messages of all conversations of a user", async () => {
    const { account } = system.current;
    expect(await badgeOf("alice")).toEqual({ unread: 0, conversations: 0, withoutReadHorizon: 0 });
    const [office, support] = [await begin("alice", "bob"), await begin("alice")];
    await say(office, "bob", "Lunch?");
    await say(office, "bob", "At noon?");
    // "If you do not explicitly set this within your application, no Read Horizon will exist."
    expect(await badgeOf("alice")).toEqual({ unread: 0, conversations: 0, withoutReadHorizon: 2 });
    // "Explicitly set the Read Horizon for new Participants"
    await read("alice", office, 0);
    expect(await badgeOf("alice")).toEqual({ unread: 1, conversations: 1, withoutReadHorizon: 1 });

    // Messages of a customer on a phone count, too.
    const customer = { address: PERSON, proxyAddress: account.emulator.smsNumber };
    await call("/conversations/add-participant", { conversationSid: support, ...customer });
    await account.send(PERSON, customer.proxyAddress, "Hello?");
    await read("alice", support, 0);
    await account.send(PERSON, customer.proxyAddress, "Is anybody there?");
    await account.send(PERSON, customer.proxyAddress, "Hello??");
    expect(await badgeOf("alice")).toEqual({ unread: 3, conversations: 2, withoutReadHorizon: 0 });

    // "Marking all Messages as read", and "Marking read Messages back as unread"
    await read("alice", office, 1);
    await read("alice", support, 2);
    expect(await badgeOf("alice")).toEqual({ unread: 0, conversations: 0, withoutReadHorizon: 0 });
    await read("alice", support, 0);
    expect(await badgeOf("alice")).toMatchObject({ unread: 2, conversations: 1 });
    // Bob has no read horizon.
    expect(await badgeOf("bob")).toEqual({ unread: 0, conversations: 0, withoutReadHorizon: 1 });

    // Closed conversations, and those that the user has left, do not count.
    await call("/conversations/close", { conversationSid: support });
    expect(await badgeOf("alice")).toEqual({ unread: 0, conversations: 0, withoutReadHorizon: 0 });
    await say(office, "bob", "Where are you?");
    expect(await badgeOf("alice")).toMatchObject({ unread: 1 });
    await call("/conversations/remove-participant", { conversationSid: office, identity: "alice" });
    expect(await badgeOf("alice")).toEqual({ unread: 0, conversations: 0, withoutReadHorizon: 0 });
  });
});
