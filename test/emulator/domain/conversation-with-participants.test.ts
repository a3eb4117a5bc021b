import { expect, it } from "vitest";
import { Clock } from "../../../emulator/clock.ts";
import { createWorld } from "../../../emulator/domain/account.ts";
import { emptyConversation } from "../../../emulator/domain/conversation-drafts.ts";
import { createWithParticipants } from "../../../emulator/domain/conversation-with-participants.ts";
import { createConversation } from "../../../emulator/domain/conversations.ts";
import type { DomainEvent } from "../../../emulator/domain/events.ts";
import { addParticipant } from "../../../emulator/domain/participants.ts";
import { createIds } from "../../../emulator/ids.ts";

const origin = { source: "API", webhooks: false } as const;
const proxyAddress = "+15017122661";
const address = "+15558675310";

it("closes the conversation, with nobody in it, when one of them cannot join any more", async () => {
  const clock = new Clock("manual", 0);
  const events: DomainEvent[] = [];
  const account = { accountSid: undefined, authToken: undefined, numbers: [proxyAddress] };
  const world = createWorld(
    account,
    clock,
    createIds("seed"),
    () => undefined,
    (event) => events.push(event),
  );
  const service = world.defaultService;
  const texts = [
    '{"identity":"alice"}',
    JSON.stringify({ messaging_binding: { address, proxy_address: proxyAddress } }),
  ];
  const creating = createWithParticipants(world, service, emptyConversation, texts, origin);
  const rival = createConversation(world, service, emptyConversation, origin);
  const pair = {
    identity: undefined,
    address,
    proxyAddress,
    projectedAddress: undefined,
    attributes: undefined,
    roleSid: undefined,
    dateCreated: undefined,
    dateUpdated: undefined,
  };
  // Nothing is awaited before: the clock has not run yet, so nobody has joined.
  const [, second] = [...service.conversations.values()];
  if (second === undefined) throw new Error("There are two conversations");
  const holder = addParticipant(world, second, pair, origin);
  clock.runDue();
  const conversation = await creating;
  expect((await holder).conversation).toBe(await rival);
  expect(conversation.state).toBe("closed");
  expect(conversation.participants.size).toBe(0);
  expect(events.find(({ type }) => type === "joiningFailed")).toMatchObject({ failure: { code: 50425 } });
});
