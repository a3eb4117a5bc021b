import { expect, it } from "vitest";
import { emptyConversation } from "../../../emulator/domain/conversation-drafts.ts";
import { createWithParticipants } from "../../../emulator/domain/conversation-with-participants.ts";
import { createConversation, updateConversation } from "../../../emulator/domain/conversations.ts";
import { addParticipant } from "../../../emulator/domain/participants.ts";
import { bareResources, participantWith, quietly } from "../support/resources.ts";

it("A conversation has at most 1000 participants", async () => {
  const { resources } = bareResources();
  const conversation = await createConversation(
    resources,
    resources.defaultService,
    emptyConversation,
    quietly,
  );
  const join = (n: number) =>
    addParticipant(resources, conversation, participantWith({ identity: `u${n}` }), quietly);
  for (let n = 0; n < 1000; n += 1) await join(n);
  await expect(join(1000)).rejects.toMatchObject({ status: 400, code: 50417 });
});

it("An identity is in at most 1000 conversations that are not closed", async () => {
  const { resources } = bareResources();
  const create = () => createConversation(resources, resources.defaultService, emptyConversation, quietly);
  const alice = participantWith({ identity: "alice" });
  const first = await create();
  await addParticipant(resources, first, alice, quietly);
  for (let n = 1; n < 1000; n += 1) await addParticipant(resources, await create(), alice, quietly);
  const one = await create();
  await expect(addParticipant(resources, one, alice, quietly)).rejects.toMatchObject({ code: 50214 });
  const withOthers = createWithParticipants(
    resources,
    resources.defaultService,
    emptyConversation,
    ['{"identity":"alice"}'],
    quietly,
  );
  await expect(withOthers).rejects.toMatchObject({ code: 50214 });
  await updateConversation(resources, first, { ...emptyConversation, state: "closed" }, quietly);
  await addParticipant(resources, one, alice, quietly);
});
