import { describe, expect, it } from "vitest";
import { useAccount } from "../support/emulator.ts";

const fixture = useAccount();

describe("a look-up by identity", () => {
  it("finds who joined with it, and not who got it later", async () => {
    const account = fixture.current;
    const find = async () =>
      (await account.client.conversations.v1.participantConversations.list({ identity: "ann" })).length;
    const projectedAddress = { "messagingBinding.projectedAddress": account.emulator.smsNumber };
    const { participants } = await account.conversation();
    const { sid } = await participants.create(projectedAddress);
    await participants(sid).update({ identity: "ann" });
    expect(await find()).toBe(0);
    const other = await account.conversation();
    await other.participants.create({ identity: "ann" });
    expect(await find()).toBe(1);
  });
});
