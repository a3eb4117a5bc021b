import type {
  Client,
  Conversation,
  JSONObject,
  Message,
  Participant,
  SendMediaOptions,
  User,
} from "@twilio/conversations";
import { next, type ScenarioContext, type Scenarios, same } from "./context.ts";
import { opened, roomOf } from "./conversations.ts";

/*
 * The calls of the samples on Twilio's pages, in their order and with their arguments. docs/realtime.md names the
 * samples that the SDK itself cannot run.
 */

const address = "+14155550101";

async function smsNumber(context: ScenarioContext): Promise<string> {
  return String((await context.control("GET", "/info")).smsNumber);
}

interface Update {
  readonly updateReasons: readonly string[];
}

export const samples: Scenarios = {
  async "of SDK Overview and Initializing Conversations SDK Clients"(context) {
    const client = context.connect(await context.token("alice", 600));
    const initialized = next<string>(client, "stateChanged", (state) => state === "initialized");
    const connected = next<string>(client, "connectionStateChanged", (state) => state === "connected");
    await Promise.all([initialized, connected]);
    same((await client.getSubscribedConversations()).items, []);
    let updated: Client | undefined;
    const renewed = new Promise<void>((resolve) =>
      client.on("tokenAboutToExpire", async () => {
        updated = await client.updateToken(await context.token("alice", 600));
        resolve();
      }),
    );
    await context.control("POST", "/clock/advance", { duration: "PT8M" });
    await renewed;
    same(updated === client, true);
    const expired = next(client, "tokenExpired");
    await context.control("POST", "/clock/advance", { duration: "PT10M" });
    await expired;
    const another = await context.create(await context.token("alice"));
    await another.updateToken(await context.token("alice"));
    same((await another.getSubscribedConversations()).items, []);
  },

  async "of Event Handling and Working with Conversations"(context) {
    const [client, guest] = [await context.signIn("alice"), await context.signIn("identity")];
    const conversation = await client.createConversation({
      attributes: {},
      friendlyName: "new conversation",
      uniqueName: "new conversation",
    });
    const own = next<Conversation>(client, "conversationJoined");
    await conversation.join();
    await opened(await own);
    const joined = next<Participant>(conversation, "participantJoined", ({ type }) => type === "sms");
    const invited = next<Conversation>(guest, "conversationJoined");
    await conversation.add("identity");
    await conversation.addNonChatParticipant(await smsNumber(context), address);
    same([(await joined).type, (await invited).sid], ["sms", conversation.sid]);
    const participants = await conversation.getParticipants();
    same(participants.map(({ identity }) => String(identity)).toSorted(), ["alice", "identity", "null"]);
    for (const text of ["1", "2", "3"]) await conversation.sendMessage(text);
    // With the anchor 0 backwards these are not the latest messages, but the first one.
    const messagesPaginator = await conversation.getMessages(30, 0, "backwards");
    same(
      messagesPaginator.items.map(({ body }) => body),
      ["1"],
    );
    const conversationsPaginator = await client.getSubscribedConversations();
    same(
      conversationsPaginator.items.map(({ sid }) => sid),
      [conversation.sid],
    );

    const renamed = next<Update>(client, "conversationUpdated", ({ updateReasons }) =>
      updateReasons.includes("friendlyName"),
    );
    await conversation.updateFriendlyName("another");
    await renamed;
    const edited = next<Update>(conversation, "messageUpdated");
    const [message] = (await conversation.getMessages(1)).items;
    await message?.updateBody("three");
    same((await edited).updateReasons.includes("body"), true);
    const participant = participants.find(({ identity }) => identity === "identity");
    const changed = next<Update>(participant as Participant, "updated");
    await participant?.updateAttributes({ a: 1 });
    same((await changed).updateReasons.includes("attributes"), true);
    const left = next<Conversation>(client, "conversationLeft");
    await conversation.leave();
    same((await left).status, "notParticipating");
  },

  async "of Sending Messages and Media"(context) {
    const client = await context.signIn("alice");
    const conversation = await roomOf(client);
    await conversation.sendMessage("hello world");
    // In Node the SDK sends texts and buffers, in a browser blobs and forms.
    const isPage = "document" in globalThis;
    const svg = "<svg xmlns='http://www.w3.org/2000/svg'/>";
    const fileBlob = new Blob([svg], { type: "image/svg+xml" });
    const sendMediaOptions: SendMediaOptions = {
      contentType: fileBlob.type,
      filename: "twilio-logo.svg",
      media: isPage ? fileBlob : svg,
    };
    const heard = next<Message>(client, "messageAdded", ({ type }) => type === "media");
    let builder = conversation.prepareMessage().setBody("Hello!").setAttributes({ foo: "bar" });
    if (isPage) {
      const mediaFormData = new FormData();
      mediaFormData.set("twilio-logo", fileBlob, "twilio-logo.svg");
      builder = builder.addMedia(mediaFormData);
    } else builder = builder.addMedia(sendMediaOptions);
    await builder.addMedia(sendMediaOptions).build().send();
    const message = await heard;
    same([message.body, message.attributes], ["Hello!", { foo: "bar" }]);
    same(
      message.attachedMedia?.map(({ filename }) => filename),
      ["twilio-logo.svg", "twilio-logo.svg"],
    );
    const categorizedMedia = message.getMediaByCategory(["media"]) ?? [];
    for (const media of categorizedMedia)
      same(await context.fetchText(String(await media.getContentTemporaryUrl())), svg);
  },

  async "of User Reachability Indicator, Read Horizon and Delivery Receipts"(context) {
    const services = await context.rest("GET", "/v1/Services");
    const [service] = services.services as { sid: string }[];
    await context.rest("POST", `/v1/Services/${service?.sid}/Configuration`, { ReachabilityEnabled: "true" });
    const client = await context.signIn("alice");
    const conversation = await roomOf(client, ["bob"]);
    same(client.reachabilityEnabled, true);
    const users = await Promise.all((await conversation.getParticipants()).map((one) => one.getUser()));
    same(users.map(({ identity, isOnline, isNotifiable }) => [identity, isOnline, isNotifiable]).toSorted(), [
      ["alice", true, null],
      ["bob", null, null],
    ]);
    const online = next<Update & { user: User }>(client, "userUpdated", ({ updateReasons }) =>
      updateReasons.includes("reachabilityOnline"),
    );
    await context.signIn("bob");
    same((await online).user.isOnline, true);

    for (let i = 0; i < 6; i += 1) await conversation.sendMessage(`message ${i}`);
    const message = (await conversation.getMessages()).items[5] as Message;
    same(await conversation.advanceLastReadMessageIndex(message.index), 0);
    same(await conversation.updateLastReadMessageIndex(message.index), 0);
    same([await conversation.setAllMessagesRead(), conversation.lastReadMessageIndex], [0, 5]);
    same(await conversation.setAllMessagesUnread(), null);

    const participant = await context.rest("POST", `/v1/Conversations/${conversation.sid}/Participants`, {
      "MessagingBinding.Address": address,
      "MessagingBinding.ProxyAddress": await smsNumber(context),
    });
    await context.control("POST", `/phones/${encodeURIComponent(address)}`, { state: "unreachable" });
    const failed = next<{ message: Message }>(
      conversation,
      "messageUpdated",
      ({ message }) => message.aggregatedDeliveryReceipt?.undelivered === "all",
    );
    await conversation.sendMessage("to a phone");
    await context.control("POST", "/settle");
    const { message: undelivered } = await failed;
    const receipt = undelivered.aggregatedDeliveryReceipt;
    same(
      [receipt?.total, receipt?.sent, receipt?.delivered, receipt?.read, receipt?.failed],
      [1, "all", "none", "none", "none"],
    );
    const statusMap: JSONObject = {};
    for (const { participantSid, status, errorCode } of await undelivered.getDetailedDeliveryReceipts())
      statusMap[participantSid] = `${status} ${errorCode}`;
    same(statusMap, { [String(participant.sid)]: "undelivered 30003" });
  },
};
