import { describe, expect, it } from "vitest";
import { emptyConversation } from "../../../emulator/domain/conversation-drafts.ts";
import { createConversation } from "../../../emulator/domain/conversations.ts";
import { addMessage, emptyMessage } from "../../../emulator/domain/messages.ts";
import type { DeliveryStatus } from "../../../emulator/domain/model.ts";
import { addParticipant } from "../../../emulator/domain/participants.ts";
import { advanceReceipt, openReceipt } from "../../../emulator/domain/receipts.ts";
import { bareResources, ownNumber, participantWith, quietly } from "../support/resources.ts";

/** Advances a new receipt by these steps, the first with the code 1 and so on. */
async function advance(steps: readonly DeliveryStatus[]) {
  const { resources, events } = bareResources();
  const conversation = await createConversation(
    resources,
    resources.defaultService,
    emptyConversation,
    quietly,
  );
  const binding = participantWith({ address: "+15558675310", proxyAddress: ownNumber });
  const participant = await addParticipant(resources, conversation, binding, quietly);
  const message = await addMessage(resources, conversation, { ...emptyMessage, body: "Hi" }, quietly);
  const receipt = openReceipt(resources, message, participant, "SM0");
  for (const [i, step] of steps.entries()) advanceReceipt(resources, receipt, step, i + 1);
  const webhooks = events.filter(({ type }) => type === "onDeliveryUpdated").length;
  return { reached: receipt.reached, status: receipt.status, errorCode: receipt.errorCode, webhooks };
}

/** "Delivery Receipts in Conversations": the possible message statuses. */
describe("a receipt", () => {
  it.each<[string, DeliveryStatus[]]>([
    ["is sent, delivered and read", ["sent", "delivered", "read"]],
    ["fails before it is sent", ["failed"]],
    ["fails after it is sent", ["sent", "failed"]],
    ["is sent and not delivered", ["sent", "undelivered"]],
  ])("%s, each with a webhook", async (_what, steps) => {
    expect(await advance(steps)).toEqual({
      reached: steps,
      status: steps.at(-1),
      errorCode: steps.length,
      webhooks: steps.length,
    });
  });

  it.each<[string, DeliveryStatus[], DeliveryStatus]>([
    ["does not repeat a status", ["sent", "delivered"], "delivered"],
    ["does not return to an earlier status", ["sent", "delivered", "read"], "delivered"],
    ["is not read before it is delivered", ["sent"], "read"],
    ["is not delivered before it is sent", [], "delivered"],
    ["stays failed", ["failed"], "sent"],
    ["stays undelivered", ["sent", "undelivered"], "delivered"],
    ["is not undelivered after it is delivered", ["sent", "delivered"], "undelivered"],
  ])("%s", async (_what, steps, refused) => {
    const before = await advance(steps);
    expect(await advance([...steps, refused])).toEqual(before);
  });
});
