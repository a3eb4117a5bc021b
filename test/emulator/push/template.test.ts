import { describe, expect, it } from "vitest";
import { notify, registerDevice, texts } from "../support/devices.ts";
import { useAccount } from "../support/emulator.ts";

const fixture = useAccount();
const robert = "+14155550101";
const everything = [
  "${PARTICIPANT}|${PARTICIPANT_FRIENDLY_NAME}|${PARTICIPANT_IDENTITY}|${PARTICIPANT_SID}",
  "${CONVERSATION}|${CONVERSATION_FRIENDLY_NAME}|${CONVERSATION_UNIQUE_NAME}|${CONVERSATION_SID}",
];

/** A conversation of Alice, who has a device, with templates for new messages. */
async function setUp(template: string, names: Parameters<typeof fixture.current.conversation>[0] = {}) {
  const account = fixture.current;
  await notify(account, { "newMessage.enabled": true, "newMessage.template": template });
  const conversation = await account.conversation(names);
  await conversation.participants.create({ identity: "alice" });
  await registerDevice(account, "alice", "fcm");
  const { sid } = await conversation.fetch();
  return { account, conversation, sid };
}

describe("The variables of the conversation", () => {
  it.each([
    [{ uniqueName: "order-7", friendlyName: "Order 7" }, "order-7|Order 7|order-7"],
    [{ uniqueName: "order-7" }, "order-7|order-7|order-7"],
    [{ friendlyName: "Order 7" }, "Order 7|Order 7|Order 7"],
    [{}, "SID|SID|SID"],
  ])("of %j are %s", async (names, expected) => {
    const { account, conversation, sid } = await setUp(everything[1] ?? "", names);
    await conversation.messages.create({ author: "bob", body: "Hello" });
    expect(await texts(account, "alice")).toEqual([`${expected.replaceAll("SID", sid)}|${sid}`]);
  });
});

describe("The variables of the participant", () => {
  it("are the user's friendly name, else the identity", async () => {
    const { account, conversation } = await setUp(everything[0] ?? "");
    const { sid } = await conversation.participants.create({ identity: "bob" });
    const write = () => conversation.messages.create({ author: "bob", body: "Hello" });
    await write();
    await account.client.conversations.v1.users("bob").update({ friendlyName: "Bob B." });
    await write();
    expect(await texts(account, "alice")).toEqual([`bob|bob|bob|${sid}`, `Bob B.|Bob B.|Bob B.|${sid}`]);
  });

  it("are the address outside chat", async () => {
    const { account, conversation } = await setUp(everything[0] ?? "");
    const { smsNumber } = account.emulator;
    const { sid } = await conversation.participants.create({
      "messagingBinding.address": robert,
      "messagingBinding.proxyAddress": smsNumber,
    });
    await account.send(robert, smsNumber, "Hello");
    expect(await texts(account, "alice")).toEqual([`${robert}|${robert}|${robert}|${sid}`]);
  });

  it("are the projected address in a group text, when it has no identity", async () => {
    const account = fixture.current;
    await notify(account, { "newMessage.enabled": true, "newMessage.template": "${PARTICIPANT}" });
    await registerDevice(account, "alice", "fcm");
    const { participants, messages } = await account.conversation();
    await participants.create({ "messagingBinding.projectedAddress": account.emulator.smsNumber });
    for (const [identity, address] of [
      ["alice", "+15017122662"],
      ["agent", "+15017122663"],
    ] as const) {
      await account.control("POST", "/numbers", { address });
      await participants.create({ identity, "messagingBinding.projectedAddress": address });
    }
    await participants.create({ "messagingBinding.address": robert });
    for (const author of [account.emulator.smsNumber, "agent", robert])
      await messages.create({ author, body: "Hello" });
    expect(await texts(account, "alice")).toEqual([account.emulator.smsNumber, "agent", robert]);
  });

  it("are the author's name when no participant has it", async () => {
    const { account, conversation } = await setUp("${PARTICIPANT}|${PARTICIPANT_SID}");
    await conversation.messages.create({ author: "stranger", body: "Hello" });
    await account.client.conversations.v1.users.create({ identity: "boss", friendlyName: "The boss" });
    await conversation.messages.create({ author: "boss", body: "Hello" });
    expect(await texts(account, "alice")).toEqual(["stranger|stranger", "The boss|boss"]);
  });
});

describe("A text", () => {
  it("ends after 178 characters, all variables filled in", async () => {
    const { account, conversation } = await setUp("${MESSAGE}${MESSAGE}");
    await conversation.messages.create({ author: "bob", body: "x".repeat(89) });
    await conversation.messages.create({ author: "bob", body: "🙂".repeat(150) });
    expect(await texts(account, "alice")).toEqual(["x".repeat(178), "🙂".repeat(178)]);
  });

  it("leaves other text unchanged, and inserts nothing for a variable without a value", async () => {
    const { account, conversation } = await setUp("[${MEDIA_COUNT}][${MEDIA}][${message}][${WEATHER}][$&]");
    await conversation.messages.create({ author: "bob", body: "Hello" });
    expect(await texts(account, "alice")).toEqual(["[][][${message}][${WEATHER}][$&]"]);
  });

  it("does not fill in variables in the text of users", async () => {
    const { account, conversation } = await setUp("${MESSAGE}");
    await conversation.messages.create({ author: "bob", body: "$& ${CONVERSATION}" });
    expect(await texts(account, "alice")).toEqual(["$& ${CONVERSATION}"]);
  });

  it("is the default again when its template is removed", async () => {
    const { account, conversation } = await setUp("Something", { uniqueName: "order-7" });
    await notify(account, { "newMessage.template": "" });
    await conversation.messages.create({ author: "bob", body: "Hello" });
    expect(await texts(account, "alice")).toEqual(["order-7:bob: Hello"]);
  });
});
