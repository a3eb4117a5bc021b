import type { System } from "./system.ts";

export const ANN = "+15558675310";
export const BOB = "+15558675311";
/** Another number of the account. */
export const SECOND = "+15017122662";

/** "Group Texting in Conversations", Scenario 1, up to Step 4: an agent and the first homebuyer. */
export async function groupText(system: System) {
  const { account } = system;
  await account.control("POST", "/numbers", { address: SECOND });
  const conversation = await account.conversation({ friendlyName: "Home-buying journey" });
  const { sid } = await conversation.fetch();
  await conversation.participants.create({
    identity: "realEstateAgent",
    "messagingBinding.projectedAddress": account.emulator.smsNumber,
  });
  await conversation.participants.create({ "messagingBinding.address": ANN });
  return { conversation, sid };
}
