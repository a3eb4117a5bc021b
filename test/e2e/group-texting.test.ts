import { describe, expect, it } from "vitest";
import { useAccount } from "../emulator/support/emulator.ts";

const fixture = useAccount();
const homebuyer1 = "+15558675310";
const homebuyer2 = "+15558675311";

/** The messages on a phone: sender, other members of the group, and text. */
async function shown(phone: string) {
  const messages = await fixture.current.inbox(phone);
  return messages.map(({ from, recipients, body }) => ({ from, recipients, body }));
}

/** The guide "Group Texting in Conversations". */
describe("Walkthrough of two Group Texting examples", () => {
  it("Scenario 1: a group message with one Chat participant and two SMS participants", async () => {
    const account = fixture.current;
    const { smsNumber } = account.emulator;
    // Step 1: Create the Conversation
    const { sid } = await account.conversations.create({ friendlyName: "Home-buying journey" });
    const conversation = account.conversations(sid);
    // Step 2: Add the real estate agent
    await conversation.participants.create({
      identity: "realEstateAgent",
      "messagingBinding.projectedAddress": smsNumber,
    });
    // Step 3: Add the first homebuyer
    await conversation.participants.create({ "messagingBinding.address": homebuyer1 });
    // Step 4: Send a 1:1 message
    const listing = "Hi there. What did you think of the listing I sent?";
    await conversation.messages.create({ author: "realEstateAgent", body: listing });
    await account.emulator.settle();
    expect(await shown(homebuyer1)).toEqual([{ from: smsNumber, recipients: [], body: listing }]);
    await account.send(homebuyer1, smsNumber, "We love it");
    // Step 5: Add the second homebuyer to the group text
    await conversation.participants.create({ "messagingBinding.address": homebuyer2 });
    // Step 6: Send another message
    const welcome =
      "Glad you could join us, homebuyer 2. I really love these granite countertops and think you will as well.";
    await conversation.messages.create({ author: "realEstateAgent", body: welcome });
    await account.emulator.settle();
    expect(await shown(homebuyer2)).toEqual([{ from: smsNumber, recipients: [homebuyer1], body: welcome }]);

    // "You and the second homebuyer can use your native texting application to participate."
    await account.send(homebuyer2, "", { to: [smsNumber, homebuyer1], body: "When can we see it?" });
    await account.send(homebuyer1, "", { to: [homebuyer2, smsNumber], body: "Saturday?" });
    const messages = await conversation.messages.list();
    expect(messages.map(({ author }) => author)).toEqual([
      "realEstateAgent",
      homebuyer1,
      "realEstateAgent",
      homebuyer2,
      homebuyer1,
    ]);
    expect((await shown(homebuyer2)).map(({ from }) => from)).toEqual([smsNumber, homebuyer2, homebuyer1]);
  });

  it("Scenario 2: two Chat participants and one SMS participant, and one projected address for the next agent", async () => {
    const account = fixture.current;
    const [advisorNumber, assistantNumber] = [account.emulator.smsNumber, "+15017122662"];
    await account.control("POST", "/numbers", { address: assistantNumber });
    const advisee = "+14158675309";
    // Optional: Clean up the first Conversation, which frees its numbers
    const first = await account.conversation();
    await first.participants.create({ "messagingBinding.projectedAddress": advisorNumber });
    await first.participants.create({ "messagingBinding.address": advisee });
    await first.remove();
    // Steps 1 to 3: the conversation, the financial advisor, the end-user by SMS
    const conversation = await account.conversation({ friendlyName: "Your Wealth Management Options" });
    const project = (identity: string, number: string) =>
      conversation.participants.create({ identity, "messagingBinding.projectedAddress": number });
    await project("YourFinancialAdvisor", advisorNumber);
    await conversation.participants.create({ "messagingBinding.address": advisee });
    // Step 4: Send a 1:1 message
    const question = "Hello, what questions did you have about your portfolio?";
    await conversation.messages.create({ author: "YourFinancialAdvisor", body: question });
    // Step 5: Add the assistant to the group text
    const { sid: assistantSid } = await project("theAssistant", assistantNumber);
    // Step 6: Send a group text message
    const documents = "I've just emailed you some documents. Could you please review them?";
    await conversation.messages.create({ author: "theAssistant", body: documents });
    await account.send(advisee, "", { to: [assistantNumber, advisorNumber], body: "I will" });
    await conversation.messages.create({
      author: "YourFinancialAdvisor",
      body: "Excellent. We both look forward to working with you.",
    });
    await account.emulator.settle();
    expect((await shown(advisee)).map(({ from, recipients }) => [from, recipients])).toEqual([
      [advisorNumber, []],
      [assistantNumber, [advisorNumber]],
      [advisee, [assistantNumber, advisorNumber]],
      [advisorNumber, [assistantNumber]],
    ]);

    // "Use one projected address to transfer between agents"
    const assistant = conversation.participants(assistantSid);
    await assistant.update({ identity: "" });
    await assistant.update({ identity: "theNextAssistant" });
    await conversation.messages.create({ author: "theNextAssistant", body: "I am taking over" });
    await account.emulator.settle();
    expect((await shown(advisee)).at(-1)).toMatchObject({ from: assistantNumber, body: "I am taking over" });
  });

  it("Conversation autocreation with Group Texting: the homebuyer includes their partner", async () => {
    const account = fixture.current;
    const { smsNumber } = account.emulator;
    await account.autocreate();
    const { conversationSid: alone } = await account.send(homebuyer1, smsNumber, "Is the house still there?");
    const text = { to: [homebuyer2, smsNumber], body: "My partner would like to see it, too" };
    const { conversationSid } = await account.send(homebuyer1, "", text);
    expect(conversationSid).not.toBe(alone);
    const conversation = account.conversations(String(conversationSid));
    expect(await conversation.participants.list()).toHaveLength(3);
    expect((await conversation.messages.list()).map(({ body }) => body)).toEqual([text.body]);
    expect(await shown(homebuyer2)).toEqual([{ from: homebuyer1, recipients: [smsNumber], body: text.body }]);
  });
});
