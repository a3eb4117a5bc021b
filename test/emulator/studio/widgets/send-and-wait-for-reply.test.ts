import { describe, expect, it } from "vitest";
import { type TestAccount, useAccount } from "../../support/emulator.ts";
import { attached, contextOf, flowOf, person, publish, run, state, stepsOf, write } from "../flow.ts";

const fixture = useAccount();

describe("send-and-wait-for-reply", () => {
  const asking = (next: string) =>
    state(
      "ask",
      "send-and-wait-for-reply",
      { from: "{{flow.channel.address}}", body: "Well?", timeout: "3600" },
      { deliveryFailure: next, timeout: undefined },
    );
  const note = () => state("note", "set-variables", { variables: [] }, { next: undefined });
  const isOut = (account: TestAccount, phone: string, to: string) =>
    account.control("POST", `/phones/${encodeURIComponent(phone)}`, { state: to });

  it("fails when a number's message is not delivered", async () => {
    const account = fixture.current;
    await isOut(account, person, "unreachable");
    const flowSid = await run(account, {}, asking("note"), note());
    expect(await stepsOf(account, flowSid)).toContain("ask: deliveryFailure > note");
  });

  it("fails in a conversation when the receipts say that it has reached nobody", async () => {
    const account = fixture.current;
    const flowSid = await publish(account, flowOf(asking("note"), note()));
    const conversation = await attached(account, flowSid);
    await isOut(account, person, "unreachable");
    await conversation.messages.create({ author: "agent", body: "Start", xTwilioWebhookEnabled: "true" });
    await account.emulator.settle();
    expect(await stepsOf(account, flowSid)).toEqual([
      "Trigger: incomingConversationMessage > ask",
      "ask: deliveryFailure > note",
      "note: next > Ended",
    ]);
    expect((await contextOf(account, flowSid)).widgets?.ask).toMatchObject({
      outbound: { Body: "Well?", Status: "undelivered", ErrorCode: 30003 },
    });
  });

  it("waits in a conversation as long as one recipient has it", async () => {
    const account = fixture.current;
    const flowSid = await publish(account, flowOf(asking("note"), note()));
    const conversation = await attached(account, flowSid);
    await conversation.participants.create({
      "messagingBinding.address": "whatsapp:+15558675312",
      "messagingBinding.proxyAddress": account.emulator.whatsappNumber,
    });
    await write(account, "Hello");
    expect(await stepsOf(account, flowSid)).toEqual(["Trigger: incomingConversationMessage > ask"]);
  });
});
