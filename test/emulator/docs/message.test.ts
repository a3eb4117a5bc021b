import { expect, it } from "vitest";
import { rejection, useAccount } from "../support/emulator.ts";

const fixture = useAccount();

it("The Conversation Message Resource page: create, fetch, list, latest first, update, delete", async () => {
  const account = fixture.current;
  const { sid } = await account.conversations.create();
  const conversation = account.conversations(sid);

  const message = await conversation.messages.create({ author: "smee", body: "Ahoy there!" });
  expect(message).toMatchObject({ author: "smee", body: "Ahoy there!", index: 0, attributes: "{}" });
  expect(message).toMatchObject({ media: null, participantSid: null, delivery: null, contentSid: null });
  await conversation.messages.create({ body: "A second one, by nobody" });

  expect((await conversation.messages(message.sid).fetch()).body).toBe("Ahoy there!");
  const listed = await conversation.messages.list({ limit: 20 });
  expect(listed.map(({ author }) => author)).toEqual(["smee", "system"]);
  const [latest] = await conversation.messages.list({ order: "desc", limit: 1 });
  expect(latest?.index).toBe(1);

  const updated = await conversation
    .messages(message.sid)
    .update({ author: "regretfulUser", body: "I take back what I said" });
  expect(updated).toMatchObject({ author: "regretfulUser", body: "I take back what I said", index: 0 });

  await conversation.messages(message.sid).remove();
  expect(await rejection(conversation.messages(message.sid).fetch())).toBe("404/20404");
  expect((await conversation.messages.create({ body: "Indexes go on" })).index).toBe(2);
});
