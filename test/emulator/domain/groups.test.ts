import { describe, expect, it } from "vitest";
import { rejection, useAccount } from "../support/emulator.ts";

const fixture = useAccount();
const [ann, bob] = ["+15558675310", "+15558675311"];
const second = "+15017122662";

const person = (address: string) => ({ "messagingBinding.address": address });
const projected = (address: string, identity?: string) => ({
  "messagingBinding.projectedAddress": address,
  ...(identity === undefined ? {} : { identity }),
});

describe("a group text", () => {
  it("is formed by adding an agent with a projected address, then people, one by one", async () => {
    const account = fixture.current;
    const { smsNumber } = account.emulator;
    const { participants } = await account.conversation();
    const agent = await participants.create(projected(smsNumber, "agent"));
    expect(agent).toMatchObject({
      identity: "agent",
      messagingBinding: { type: "sms", projected_address: smsNumber },
      roleSid: expect.stringMatching(/^RL/),
    });
    const buyer = await participants.create(person(ann));
    expect(buyer).toMatchObject({ messagingBinding: { type: "sms", address: ann }, roleSid: null });
    await participants.create(person(bob));
    expect(await rejection(participants.create(person(ann)))).toBe("409/50437");
    expect(await rejection(participants.create(projected(smsNumber)))).toBe("409/50437");
    expect(await rejection(participants.create({ identity: "assistant" }))).toBe("400/50434");
  });

  it("cannot have a chat participant without a number", async () => {
    const { participants } = await fixture.current.conversation();
    await participants.create({ identity: "agent" });
    expect(await rejection(participants.create(person(ann)))).toBe("400/50435");
  });

  it("has at most ten members", async () => {
    const { participants } = await fixture.current.conversation();
    for (let i = 0; i < 10; i += 1) await participants.create(person(`+1555867530${i}`));
    expect(await rejection(participants.create(person(ann)))).toBe("400/50436");
  });

  it.each(["deleting", "closing", "a member leaving"])("releases its set of numbers by %s", async (how) => {
    const account = fixture.current;
    const [first, other] = [await account.conversation(), await account.conversation()];
    await first.participants.create(projected(account.emulator.smsNumber));
    const { sid } = await first.participants.create(person(ann));
    await other.participants.create(person(ann));
    const again = () => other.participants.create(projected(account.emulator.smsNumber));
    expect(await rejection(again())).toBe("409/50438");
    if (how === "deleting") await first.remove();
    else if (how === "closing") await first.update({ state: "closed" });
    else await first.participants(sid).remove();
    await again();
  });

  it("accepts messages from its members only, including a projected address", async () => {
    const account = fixture.current;
    await account.control("POST", "/numbers", { address: second });
    const { participants, messages } = await account.conversation();
    await participants.create(projected(second));
    await participants.create(person(ann));
    expect((await messages.create({ author: second, body: "Hi" })).participantSid).toMatch(/^MB/);
    expect((await messages.create({ author: ann, body: "Hi" })).participantSid).toMatch(/^MB/);
    expect(await rejection(messages.create({ body: "From nobody" }))).toBe("400/50513");
    expect(await rejection(messages.create({ author: bob, body: "Hi" }))).toBe("400/50513");
  });
});
