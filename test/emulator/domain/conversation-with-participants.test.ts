import { expect, it } from "vitest";
import { emptyConversation } from "../../../emulator/domain/conversation-drafts.ts";
import { createWithParticipants } from "../../../emulator/domain/conversation-with-participants.ts";
import { createConversation } from "../../../emulator/domain/conversations.ts";
import { addParticipant } from "../../../emulator/domain/participants.ts";
import { bareResources, ownNumber, participantWith, quietly } from "../support/resources.ts";

it("A conversation closes without participants when one of them can no longer join", async () => {
  const { resources, clock, events } = bareResources();
  const service = resources.defaultService;
  const address = "+15558675310";
  const rival = await createConversation(resources, service, emptyConversation, quietly);
  const texts = [
    '{"identity":"alice"}',
    JSON.stringify({ messaging_binding: { address, proxy_address: ownNumber } }),
  ];
  // Nothing is awaited in between, so the clock has not run: they have not joined yet when the rival does.
  const creating = createWithParticipants(resources, service, emptyConversation, texts, quietly);
  const joining = addParticipant(
    resources,
    rival,
    participantWith({ address, proxyAddress: ownNumber }),
    quietly,
  );
  clock.runDue();
  const conversation = await creating;
  expect((await joining).conversation).toBe(rival);
  expect(conversation.state).toBe("closed");
  expect(conversation.participants.size).toBe(0);
  expect(events.find(({ type }) => type === "joiningFailed")).toMatchObject({ failure: { code: 50425 } });
});
