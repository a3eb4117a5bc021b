import { describe, expect, it } from "vitest";
import { member, projection, upload } from "../../../emulator/support/outbound.ts";
import { platforms } from "../../../support/platforms.ts";
import { useSystem } from "../../../support/system.ts";

const PEOPLE = ["+15558675310", "+15558675311"];

describe.each(platforms)("conversations/send in a group text on $name", (platform) => {
  const system = useSystem(platform);
  const send = (input: object) => system.current.call("/conversations/send", input);

  /** A group of two people and a chat user whose projected address is the account's number. */
  async function group() {
    const { account } = system.current;
    const conversation = await account.conversation();
    await conversation.participants.create(projection(account.emulator.smsNumber, "agent"));
    const people = await Promise.all(
      PEOPLE.map((number) => conversation.participants.create(member(number))),
    );
    const { sid: conversationSid } = await conversation.fetch();
    return { conversation, conversationSid, sids: people.map(({ sid }) => sid).sort() };
  }

  it.each([undefined, "supervisor", "+15558675399"])(
    "rejects an author who is not a participant (%s)",
    async (author) => {
      const { conversation, conversationSid } = await group();
      expect(await send({ conversationSid, body: "Hello", author })).toMatchObject({
        status: 400,
        body: { code: "author_not_in_group", field: "author", twilioCode: 50513 },
      });
      expect(await conversation.messages.list()).toEqual([]);
    },
  );

  it("warns about the people's phones only, never about the account's own number", async () => {
    const { conversationSid, sids } = await group();
    const sidsIn = (warning: unknown) => String(warning).match(/MB\w+/g)?.sort();
    const long = { conversationSid, author: "agent", body: "x".repeat(1_601) };
    expect(sidsIn((await send(long)).body.warning)).toEqual(sids);
    const mediaSid = await upload(system.current.account, "image/png", 300);
    const look = { conversationSid, author: "agent", mediaSid, body: "Look" };
    expect(sidsIn((await send(look)).body.warning)).toEqual(sids);
  });
});
