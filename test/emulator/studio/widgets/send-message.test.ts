import { describe, expect, it } from "vitest";
import { useAccount } from "../../support/emulator.ts";
import { contextOf, notesOf, run, state, stepsOf } from "../flow.ts";

const fixture = useAccount();

describe("send-message from a number", () => {
  const sends = (properties: object) =>
    state(
      "send",
      "send-message",
      { from: "{{flow.channel.address}}", body: "Hello", ...properties },
      { failed: undefined },
    );

  it.each([
    ["5550100", "send: 21211: Invalid 'To' Phone Number: 5550100"],
    [
      "whatsapp:+15558675311",
      "send: 21910: Invalid 'From' and 'To' pair: +15017122661 and whatsapp:+15558675311 are not on the same channel",
    ],
  ])("fails to %s", async (to, note) => {
    const account = fixture.current;
    const flowSid = await run(account, {}, sends({ to }));
    expect(await stepsOf(account, flowSid)).toContain("send: failed > Ended");
    expect(await notesOf(account)).toEqual([note]);
  });

  it("is sent, although it is undelivered on WhatsApp outside the window", async () => {
    const account = fixture.current;
    const { whatsappNumber: from } = account.emulator;
    const to = "whatsapp:+15558675311";
    const flowSid = await run(account, {}, sends({ from, to }));
    expect(await stepsOf(account, flowSid)).toContain("send: sent > Ended");
    expect((await contextOf(account, flowSid)).widgets?.send).toMatchObject({
      outbound: { ErrorCode: 63016 },
    });
    expect(await account.inbox(to)).toEqual([]);
  });
});
