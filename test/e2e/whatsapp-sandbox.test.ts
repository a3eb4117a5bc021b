import { expect, it } from "vitest";
import { useAccount } from "../emulator/support/emulator.ts";

const fixture = useAccount();
const me = "whatsapp:+15558675310";

/** The guide "Trying Out WhatsApp with Conversations". The account has the sandbox's number from the start. */
it("Trying out WhatsApp: a WhatsApp user and a chat user exchange messages through the sandbox number", async () => {
  const account = fixture.current;
  const sandbox = account.emulator.whatsappNumber;

  // Step 2: Create a Conversation
  const { sid } = await account.conversations.create({ friendlyName: "sandbox-test" });
  const conversation = account.conversations(sid);

  // Step 3: Add a WhatsApp Participant to the Conversation
  const { sid: participantSid } = await conversation.participants.create({
    "messagingBinding.address": me,
    "messagingBinding.proxyAddress": sandbox,
  });

  // Step 4: Add a chat Participant to the Conversation
  await conversation.participants.create({ identity: "chat-user" });

  // Step 5: Send a Message from WhatsApp to the Sandbox number
  expect(await account.send(me, sandbox, "Hello sandbox")).toMatchObject({
    routed: true,
    conversationSid: sid,
  });

  // Step 6: Reply to the message
  await conversation.messages.create({ author: "chat-user", body: "Hello from the other side 👋🏼" });
  await account.emulator.settle();
  expect((await account.inbox(me)).map(({ direction, body }) => [direction, body])).toEqual([
    ["out", "Hello sandbox"],
    ["in", "Hello from the other side 👋🏼"],
  ]);

  // Step 7: the logs: authors and texts
  const messages = await conversation.messages.list();
  expect(messages.map(({ author, body }) => [author, body])).toEqual([
    [me, "Hello sandbox"],
    ["chat-user", "Hello from the other side 👋🏼"],
  ]);
  expect(messages[0]?.participantSid).toBe(participantSid);
});
