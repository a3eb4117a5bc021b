import { expect, it } from "vitest";
import { createAddress } from "../../../emulator/domain/address-configurations.ts";
import { autoCreateGroup, autoCreationOf } from "../../../emulator/domain/autocreation.ts";
import { removeEveryConversation } from "../../../emulator/domain/conversations.ts";
import { groupOf } from "../../../emulator/domain/groups.ts";
import { bareResources, ownNumber } from "../support/resources.ts";

const [ann, bob] = ["+14155550101", "+14155550102"];

it("A group text whose service is deleted before its members have joined releases their numbers", async () => {
  const { resources, clock } = bareResources();
  createAddress(resources, {
    type: "sms",
    address: ownNumber,
    friendlyName: undefined,
    addressCountry: undefined,
    autoCreation: {
      enabled: "true",
      type: undefined,
      conversationServiceSid: undefined,
      webhookUrl: undefined,
      webhookMethod: undefined,
      webhookFilters: [],
      studioFlowSid: undefined,
      studioRetryCount: undefined,
    },
  });
  const rule = autoCreationOf(resources, [ownNumber]);
  if (rule === undefined) throw new Error("The number makes no conversations");
  const members = [ann, bob, ownNumber];
  const text = { source: "SMS", author: ann, body: "Dinner?", media: [], choice: null } as const;
  const conversation = await autoCreateGroup(resources, rule, text, members);
  if (conversation === undefined) throw new Error("No conversation was made");
  expect(groupOf(resources, members)).toBe(conversation);
  // The clock has not run: they have not joined yet.
  removeEveryConversation(resources, conversation.service);
  clock.runDue();
  expect(groupOf(resources, members)).toBeUndefined();
});
