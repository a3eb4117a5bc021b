import type { Conversation, Message, Participant } from "@twilio/conversations";
import { collect, next, type Scenarios, same } from "./context.ts";
import { opened, roomOf } from "./conversations.ts";

export const messages: Scenarios = {
  async "sends, edits and removes messages"(context) {
    const [alice, bob] = [await context.signIn("alice"), await context.signIn("bob")];
    const arrived = next<Conversation>(bob, "conversationJoined");
    const room = await roomOf(alice, ["bob"]);
    const theirs = await opened(await arrived);
    const heard = next<Message>(bob, "messageAdded");
    same(await room.sendMessage("hello", { mood: "good" }), 0);
    const message = await heard;
    same([message.index, message.author, message.body, message.type], [0, "alice", "hello", "text"]);
    same([message.attributes, message.conversation.sid], [{ mood: "good" }, room.sid]);
    same((await message.getParticipant())?.identity, "alice");
    const index = await theirs.prepareMessage().setBody("hi").setAttributes({ n: 1 }).build().send();
    same(index, 1);
    const mine = await room.getMessages(1);
    same(
      mine.items.map(({ body, author }) => [body, author]),
      [["hi", "bob"]],
    );

    const edited = next<{ message: Message; updateReasons: string[] }>(bob, "messageUpdated");
    const [own] = (await room.getMessages(1, 0, "forward")).items;
    await own?.updateBody("hello!");
    same((await edited).updateReasons.includes("body"), true);
    same(message.body, "hello!");
    const marked = next<{ updateReasons: string[] }>(bob, "messageUpdated");
    await own?.updateAttributes({ mood: "better" });
    same(
      [(await marked).updateReasons.includes("attributes"), message.attributes],
      [true, { mood: "better" }],
    );
    const removed = next<Message>(bob, "messageRemoved");
    await own?.remove();
    same((await removed).index, 0);
    same([await room.getMessagesCount(), room.lastMessage?.index], [1, 1]);
  },

  async "pages through history in both directions"(context) {
    const { sid } = await context.rest("POST", "/v1/Conversations");
    const messagesPath = `/v1/Conversations/${sid}/Messages`;
    await context.rest("POST", `/v1/Conversations/${sid}/Participants`, { Identity: "alice" });
    for (let i = 0; i < 75; i += 1) await context.rest("POST", messagesPath, { Body: `m${i}` });
    const alice = await context.signIn("alice");
    const room = await alice.getConversationBySid(String(sid));
    const seen: number[] = [];
    let page = await room.getMessages(30);
    same([page.hasNextPage, page.hasPrevPage], [false, true]);
    seen.unshift(...page.items.map(({ index }) => index));
    while (page.hasPrevPage) {
      page = await page.prevPage();
      seen.unshift(...page.items.map(({ index }) => index));
    }
    same(
      seen,
      Array.from({ length: 75 }, (_, i) => i),
    );
    const middle = await room.getMessages(10, 20, "forward");
    same([middle.items[0]?.index, middle.items.length], [20, 10]);
    same([middle.hasPrevPage, middle.hasNextPage], [true, true]);
    same((await middle.nextPage()).items[0]?.index, 30);
  },

  async "delivers each message once and in order, also those of the REST API and of phones"(context) {
    const alice = await context.signIn("alice");
    const joined = next<Conversation>(alice, "conversationJoined");
    const { sid } = await context.rest("POST", "/v1/Conversations");
    const path = `/v1/Conversations/${sid}`;
    await context.rest("POST", `${path}/Participants`, { Identity: "alice" });
    await opened(await joined);
    const heard = collect(alice, "messageAdded", ({ index, body }: Message) => `${index} ${body}`);
    const last = next<Message>(alice, "messageAdded", ({ body }) => body === "from the phone");
    for (let i = 0; i < 5; i += 1) await context.rest("POST", `${path}/Messages`, { Body: "from REST" });
    const { smsNumber } = await context.control("GET", "/info");
    const address = "+14155550101";
    await context.rest("POST", `${path}/Participants`, {
      "MessagingBinding.Address": address,
      "MessagingBinding.ProxyAddress": String(smsNumber),
    });
    const phone = `/phones/${encodeURIComponent(address)}/messages`;
    await context.control("POST", phone, { to: smsNumber, body: "from the phone" });
    same((await last).author, address);
    same(heard, [...Array.from({ length: 5 }, (_, i) => `${i} from REST`), "5 from the phone"]);
  },

  async "shows who is typing"(context) {
    const [alice, bob] = [await context.signIn("alice"), await context.signIn("bob")];
    const arrived = next<Conversation>(bob, "conversationJoined");
    const room = await roomOf(alice, ["bob"]);
    const theirs = await opened(await arrived);
    const started = next<Participant>(alice, "typingStarted");
    const ended = next<Participant>(alice, "typingEnded");
    await theirs.typing();
    same((await started).identity, "bob");
    await theirs.sendMessage("done");
    same([(await ended).identity, room.sid], ["bob", theirs.sid]);
  },

  async "emits events of changes on the changed objects"(context) {
    const [alice, bob] = [await context.signIn("alice"), await context.signIn("bob")];
    const arrived = next<Conversation>(bob, "conversationJoined");
    const room = await roomOf(alice, ["bob"], { friendlyName: "Lunch" });
    same([room.limits.mediaAttachmentsCountLimit, await room.getAttributes()], [10, {}]);
    const theirs = await opened(await arrived);
    const member = (await room.getParticipantByIdentity("bob")) as Participant;
    same([(await member.getUser()).identity, /^RL/.test(member.roleSid)], ["bob", true]);
    const started = next<Participant>(member, "typingStarted");
    const ended = next<Participant>(member, "typingEnded");
    await theirs.typing();
    same([(await started).sid, member.isTyping], [member.sid, true]);

    const heard = next<Message>(room, "messageAdded");
    await theirs.prepareMessage().setSubject("Lunch").setBody("where?").build().send();
    const message = await heard;
    await ended;
    const edited = next<{ updateReasons: string[] }>(message, "updated");
    const told = next<{ message: Message }>(room, "messageUpdated");
    const [own] = (await theirs.getMessages(1)).items;
    await own?.updateBody("where, and when?");
    same((await edited).updateReasons.includes("body"), true);
    same([(await told).message.sid, message.lastUpdatedBy], [message.sid, "bob"]);
    same(message.subject, "Lunch");
    const retitled = next<{ updateReasons: string[] }>(message, "updated");
    await context.rest("POST", `/v1/Conversations/${room.sid}/Messages/${message.sid}`, {
      Subject: "Dinner",
    });
    same([(await retitled).updateReasons.includes("subject"), message.subject], [true, "Dinner"]);
    same(Number(message.dateUpdated) >= Number(message.dateCreated), true);
    same([message.getEmailBody(), message.getEmailHistory(), message.media], [null, null, null]);

    const read = next<{ updateReasons: string[] }>(member, "updated", ({ updateReasons }) =>
      updateReasons.includes("lastReadMessageIndex"),
    );
    const readInRoom = next<{ participant: Participant }>(room, "participantUpdated");
    await theirs.advanceLastReadMessageIndex(0);
    await read;
    same((await readInRoom).participant.sid, member.sid);
    same([member.lastReadMessageIndex, member.lastReadTimestamp instanceof Date], [0, true]);
    const removed = next<Message>(room, "messageRemoved");
    await own?.remove();
    same((await removed).sid, message.sid);
    const gone = next<Conversation>(theirs, "removed");
    await room.delete();
    same((await gone).sid, room.sid);
  },

  async "counts unread messages, and shows the read horizons of others"(context) {
    const [alice, bob] = [await context.signIn("alice"), await context.signIn("bob")];
    const arrived = next<Conversation>(bob, "conversationJoined");
    const room = await roomOf(alice, ["bob"]);
    const theirs = await opened(await arrived);
    const third = next<Message>(bob, "messageAdded", ({ index }) => index === 2);
    for (const body of ["a", "b", "c"]) await room.sendMessage(body);
    await third;
    same([await theirs.getUnreadMessagesCount(), theirs.lastReadMessageIndex], [null, null]);
    const read = next<{ participant: Participant }>(alice, "participantUpdated");
    same(await theirs.updateLastReadMessageIndex(0), 2);
    same((await read).participant.lastReadMessageIndex, 0);
    same(await theirs.advanceLastReadMessageIndex(1), 1);
    same(await theirs.setAllMessagesRead(), 0);
    same(await theirs.setAllMessagesUnread(), null);
  },
};
