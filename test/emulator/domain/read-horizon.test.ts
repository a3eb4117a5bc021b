import { describe, expect, it } from "vitest";
import { emptyConversation } from "../../../emulator/domain/conversation-drafts.ts";
import { createConversation } from "../../../emulator/domain/conversations.ts";
import { addMessage, emptyMessage } from "../../../emulator/domain/messages.ts";
import { addNumber } from "../../../emulator/domain/numbers.ts";
import { addParticipant } from "../../../emulator/domain/participants.ts";
import { advanceReceipt, openReceipt } from "../../../emulator/domain/receipts.ts";
import { bareWorld, ownNumber, participantWith, quietly } from "../support/world.ts";

async function written(address: string, proxyAddress: string) {
  const { world, clock, events } = bareWorld();
  addNumber(world, "whatsapp:+14155238886");
  const conversation = await createConversation(world, world.defaultService, emptyConversation, quietly);
  const person = participantWith({ address, proxyAddress });
  const participant = await addParticipant(world, conversation, person, quietly);
  const write = () => addMessage(world, conversation, { ...emptyMessage, body: "Hello" }, quietly);
  const receipts = [await write(), await write()].map((message, n) =>
    openReceipt(world, message, participant, `WA${n}`),
  );
  await clock.advance(1000, async () => {});
  const see = (n: number) => {
    const receipt = receipts[n];
    if (receipt !== undefined) advanceReceipt(world, receipt, "read");
  };
  const updates = () => events.filter(({ type }) => type === "onParticipantUpdated").length;
  return { participant, see, updates };
}

describe("The read horizon of a participant outside chat", () => {
  it("moves forwards with what they see in WhatsApp", async () => {
    const { participant, see, updates } = await written("whatsapp:+15551230001", "whatsapp:+14155238886");
    see(1);
    expect(participant).toMatchObject({ lastReadMessageIndex: 1, lastReadTimestamp: 1000 });
    see(0);
    expect(participant.lastReadMessageIndex).toBe(1);
    expect(updates()).toBe(1);
  });

  it("stays away on other channels", async () => {
    const { participant, see, updates } = await written("+15551230001", ownNumber);
    see(1);
    expect(participant.lastReadMessageIndex).toBeNull();
    expect(updates()).toBe(0);
  });
});
