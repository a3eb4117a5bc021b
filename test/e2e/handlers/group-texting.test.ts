import { describe, expect, it } from "vitest";
import { platforms } from "../../support/platforms.ts";
import { step } from "../../support/steps.ts";
import { useSystem } from "../../support/system.ts";

const [homebuyer1, homebuyer2] = ["+15558675310", "+15558675311"];
const advisee = "+14158675309";
const assistantNumber = "+15017122662";

/** The guide "Group Texting in Conversations", with the endpoints for its steps. */
describe.each(platforms)("Group Texting in Conversations, through the bundles on $name", (platform) => {
  const system = useSystem(platform);

  const call = (path: string, input: object) => step(system.current, path, input);
  const say = (conversationSid: string, author: string, body: string) =>
    call("/conversations/send", { conversationSid, author, body });

  /** The messages on a phone: sender, other members of the group, and text. */
  async function shown(phone: string) {
    const messages = await system.current.account.inbox(phone);
    return messages.map(({ from, recipients, body }) => ({ from, recipients, body }));
  }

  /** Creates the conversation of the guide, with a chat user with a projected address and one person on a phone. */
  async function begin(friendlyName: string, identity: string, person: string): Promise<string> {
    const { account } = system.current;
    const { sid } = await account.conversations.create({ friendlyName });
    const agent = { conversationSid: sid, identity, projectedAddress: account.emulator.smsNumber };
    expect(await call("/group-mms/add-participant", agent)).toMatchObject({
      status: 201,
      body: { members: 1 },
    });
    const phone = { conversationSid: sid, address: person };
    expect(await call("/group-mms/add-participant", phone)).toMatchObject({
      status: 201,
      body: { members: 2 },
    });
    return sid;
  }

  it("Scenario 1: a group message with one Chat participant and two SMS participants", async () => {
    const { account } = system.current;
    const { smsNumber } = account.emulator;
    // Steps 1 to 3: the conversation, the real estate agent, the first homebuyer
    const sid = await begin("Home-buying journey", "realEstateAgent", homebuyer1);
    // Step 4: Send a 1:1 message
    const listing = "Hi there. What did you think of the listing I sent?";
    expect((await say(sid, "realEstateAgent", listing)).status).toBe(201);
    expect(await shown(homebuyer1)).toEqual([{ from: smsNumber, recipients: [], body: listing }]);
    await account.send(homebuyer1, smsNumber, "We love it");
    // Step 5: Add the second homebuyer to the group text
    const second = await call("/group-mms/add-participant", { conversationSid: sid, address: homebuyer2 });
    expect(second.body).toMatchObject({ status: "added", members: 3 });
    // Step 6: Send another message
    const welcome =
      "Glad you could join us, homebuyer 2. I really love these granite countertops and think you will as well.";
    await say(sid, "realEstateAgent", welcome);
    expect(await shown(homebuyer2)).toEqual([{ from: smsNumber, recipients: [homebuyer1], body: welcome }]);

    // "You and the second homebuyer can use your native texting application to participate."
    await account.send(homebuyer2, "", { to: [smsNumber, homebuyer1], body: "When can we see it?" });
    await account.send(homebuyer1, "", { to: [homebuyer2, smsNumber], body: "Saturday?" });
    expect((await shown(homebuyer2)).map(({ from }) => from)).toEqual([smsNumber, homebuyer2, homebuyer1]);
    expect((await account.conversations(sid).messages.list()).map(({ author }) => author)).toEqual([
      "realEstateAgent",
      homebuyer1,
      "realEstateAgent",
      homebuyer2,
      homebuyer1,
    ]);
  });

  it("Scenario 2: two Chat participants and one SMS participant, and one projected address for the next agent", async () => {
    const { account } = system.current;
    const advisorNumber = account.emulator.smsNumber;
    await account.control("POST", "/numbers", { address: assistantNumber });
    // Optional: Clean up the first Conversation. Closing frees its numbers as well.
    const first = await begin("Home-buying journey", "realEstateAgent", advisee);
    expect((await call("/conversations/close", { conversationSid: first })).body.changed).toBe(true);
    // Steps 1 to 3: the conversation, the financial advisor, the end-user by SMS
    const sid = await begin("Your Wealth Management Options", "YourFinancialAdvisor", advisee);
    // Step 4: Send a 1:1 message
    await say(sid, "YourFinancialAdvisor", "Hello, what questions did you have about your portfolio?");
    // Step 5: Add the assistant to the group text
    const assistant = { conversationSid: sid, projectedAddress: assistantNumber };
    await call("/group-mms/add-participant", { ...assistant, identity: "theAssistant" });
    // Step 6: Send a group text message
    const documents = "I've just emailed you some documents. Could you please review them?";
    await say(sid, "theAssistant", documents);
    await account.send(advisee, "", { to: [assistantNumber, advisorNumber], body: "I will" });
    await say(sid, "YourFinancialAdvisor", "Excellent. We both look forward to working with you.");
    expect((await shown(advisee)).map(({ from, recipients }) => [from, recipients])).toEqual([
      [advisorNumber, []],
      [assistantNumber, [advisorNumber]],
      [advisee, [assistantNumber, advisorNumber]],
      [advisorNumber, [assistantNumber]],
    ]);

    // "Use one projected address to transfer between agents"
    const next = { ...assistant, identity: "theNextAssistant" };
    expect((await call("/group-mms/transfer", next)).body).toMatchObject({
      status: "transferred",
      identity: "theNextAssistant",
      previousIdentity: "theAssistant",
    });
    await say(sid, "theNextAssistant", "I am taking over");
    expect((await shown(advisee)).at(-1)).toMatchObject({ from: assistantNumber, body: "I am taking over" });
    const members = await account.conversations(sid).participants.list();
    expect(members.map(({ identity }) => identity)).toEqual([
      "YourFinancialAdvisor",
      null,
      "theNextAssistant",
    ]);
  });

  it("Sharing a Projected Address: a gateway, then the first agent, then the supervisor", async () => {
    const { account } = system.current;
    const { smsNumber } = account.emulator;
    const group = { addresses: [homebuyer1, homebuyer2], projectedAddress: smsNumber };
    const hello = "Elm Realty here. Somebody will be with you.";
    const created = await call("/group-mms/create", { ...group, body: hello });
    expect(created).toMatchObject({ status: 201, body: { status: "created", firstMessage: "sent" } });
    const sid = String(created.body.conversationSid);
    // "You'll need to specify the projected address itself as the author parameter."
    await say(sid, smsNumber, "We open at nine");
    const number = { conversationSid: sid, projectedAddress: smsNumber };
    for (const identity of ["firstAgent", "supervisor"]) {
      await call("/group-mms/transfer", { ...number, identity });
      await say(sid, identity, `This is the ${identity}`);
    }
    await account.send(homebuyer2, "", { to: [smsNumber, homebuyer1], body: "Thank you" });

    // "From the end-user's viewpoint, they are still communicating with the same phone number."
    const ours = [hello, "We open at nine", "This is the firstAgent", "This is the supervisor"];
    expect(await shown(homebuyer1)).toEqual([
      ...ours.map((body) => ({ from: smsNumber, recipients: [homebuyer2], body })),
      { from: homebuyer2, recipients: [smsNumber], body: "Thank you" },
    ]);
    // A repeated request returns the same conversation, without a second greeting.
    const again = await call("/group-mms/create", { ...group, body: hello });
    expect(again).toMatchObject({ status: 200, body: { status: "existing", conversationSid: sid } });
    expect(await shown(homebuyer1)).toHaveLength(5);
  });

  it("Conversation autocreation with Group Texting: the homebuyer includes their partner", async () => {
    const { account } = system.current;
    const { smsNumber } = account.emulator;
    await account.autocreate();
    const { conversationSid: alone } = await account.send(homebuyer1, smsNumber, "Is the house still there?");
    const text = { to: [homebuyer2, smsNumber], body: "My partner would like to see it, too" };
    const { conversationSid } = await account.send(homebuyer1, "", text);
    expect(conversationSid).not.toBe(alone);
    const sid = String(conversationSid);

    // The projected address has no identity until the transfer to the agent.
    const agent = { conversationSid: sid, projectedAddress: smsNumber, identity: "realEstateAgent" };
    expect((await call("/group-mms/transfer", agent)).body).toMatchObject({
      status: "transferred",
      previousIdentity: null,
    });
    await say(sid, "realEstateAgent", "It is. Welcome, both of you!");
    expect(await shown(homebuyer2)).toEqual([
      { from: homebuyer1, recipients: [smsNumber], body: text.body },
      { from: smsNumber, recipients: [homebuyer1], body: "It is. Welcome, both of you!" },
    ]);
  });
});
