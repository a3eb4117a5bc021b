import { describe, expect, it } from "vitest";
import { type Flow, pointFlowAt, SUBFLOW } from "../../infra/studio/flow.ts";
import { readFlows } from "../../infra/studio/read.ts";
import { notesOf, publish, stepsOf } from "../emulator/studio/flow.ts";
import { CONNECTION, courierInput, INVITATION } from "../support/courier.ts";
import { ADD_PARTICIPANT, failed } from "../support/faults.ts";
import { platforms } from "../support/platforms.ts";
import { COURIER, CUSTOMER, useSystem } from "../support/system.ts";

const [ann, bob, notify] = ["+15558675310", "+15558675311", "+15558675399"];
const ONE_MOMENT = "One moment, an agent will be with you.";
const NOBODY = "No agent is available right now. Please write again later.";

describe.each(platforms)("Studio flows on $name", (platform) => {
  const system = useSystem(platform);

  /** Saves a flow for the deployment, with the widget by which Studio calls its endpoints. */
  function deploy(file: string, subflow = ""): Promise<string> {
    const flow = readFlows().get(file);
    if (flow === undefined) throw new Error(`There is no flow ${file}.`);
    const widget = platform.name === "Twilio Functions" ? "run-function" : "make-http-request";
    const pointed = pointFlowAt(flow, { widget, baseUrl: system.current.url });
    const text = JSON.stringify(pointed).replaceAll(SUBFLOW, subflow || SUBFLOW);
    return publish(system.current.account, JSON.parse(text) as Flow);
  }

  /** A conversation with the customer, with the flow attached. */
  async function conversationWith(flowSid: string, attributes = {}) {
    const { account } = system.current;
    const conversation = await account.conversation({ attributes: JSON.stringify(attributes) });
    await conversation.participants.create({
      "messagingBinding.address": CUSTOMER,
      "messagingBinding.proxyAddress": account.emulator.whatsappNumber,
    });
    await conversation.webhooks.create({ target: "studio", "configuration.flowSid": flowSid });
    return conversation;
  }

  /** Starts a flow by request, as a back end does, and returns its steps. */
  async function request(flowSid: string, to: string, parameters: object): Promise<string[]> {
    const { account } = system.current;
    const { smsNumber: from } = account.emulator;
    await account.client.studio.v2.flows(flowSid).executions.create({ to, from, parameters });
    await account.emulator.settle();
    return stepsOf(account, flowSid);
  }

  async function says(...texts: string[]): Promise<string[]> {
    for (const text of texts) await system.current.send(CUSTOMER, text);
    return system.current.received(CUSTOMER);
  }
  const lastOf = async (phone: string) => (await system.current.received(phone)).at(-1);
  const identities = async (conversation: Awaited<ReturnType<typeof conversationWith>>) =>
    (await conversation.participants.list()).flatMap(({ identity }) => identity ?? []);

  describe("bot-first", () => {
    it("answers known questions, and reminds the customer that it waits", async () => {
      const conversation = await conversationWith(await deploy("bot-first.json"));
      expect(await says("Hello", "1")).toHaveLength(2);
      expect(await lastOf(CUSTOMER)).toMatch(/nine to five/);
      expect(await conversation.webhooks.list()).toHaveLength(1);
      await says("Hello");
      await system.current.account.emulator.advance(3_600_000);
      expect(await lastOf(CUSTOMER)).toMatch(/still here/);
    });

    it("adds a person for everything else, detaches itself, and tells the customer once", async () => {
      const conversation = await conversationWith(await deploy("bot-first.json"));
      expect((await says("Hello", "2")).at(-1)).toBe(ONE_MOMENT);
      expect(await identities(conversation)).toEqual(["agent"]);
      expect(await conversation.webhooks.list()).toEqual([]);
      expect((await says("Anybody?")).at(-1)).toBe(ONE_MOMENT);
    });

    it("tells the customer when no agent can be added", async () => {
      await conversationWith(await deploy("bot-first.json"));
      await system.current.inject({ ...ADD_PARTICIPANT, parameters: { Identity: "agent" } }, failed(400));
      expect((await says("Hello", "Help!")).at(-1)).toBe(NOBODY);
    });
  });

  describe("virtual-agent", () => {
    const script = [
      { when: "hours", say: "Nine to five" },
      { when: "human", say: "I will ask", handoff: { identity: "ann" } },
    ];

    it("answers until it hands off to a person, whose identity it sets", async () => {
      await system.current.account.control("POST", "/virtual-agents", {
        name: "small-talk",
        script,
        otherwise: "Sorry?",
      });
      const conversation = await conversationWith(await deploy("virtual-agent.json"));
      const said = await says("Your hours?", "What?", "A human, please");
      expect(said).toEqual(["Nine to five", "Sorry?", "I will ask", ONE_MOMENT]);
      expect(await identities(conversation)).toEqual(["ann"]);
      expect(await conversation.webhooks.list()).toEqual([]);
    });

    it("adds a person if the agent does not exist", async () => {
      const conversation = await conversationWith(await deploy("virtual-agent.json"));
      expect(await says("Hello")).toEqual([expect.stringMatching(/not available/), ONE_MOMENT]);
      expect(await identities(conversation)).toEqual(["agent"]);
    });
  });

  it("lead-capture stores the answers in the conversation, and asks again for an invalid address", async () => {
    const conversation = await conversationWith(await deploy("lead-capture.json"));
    const said = await says("Hi", 'Ann "Annie" Lee', "no", "ann@example.com");
    expect(said.at(2)).toMatch(/once more/);
    expect(said.at(3)).toMatch(/from sales will be with you/);
    expect(await identities(conversation)).toEqual(["sales"]);
    expect(await conversation.webhooks.list()).toEqual([]);
    expect(JSON.parse((await conversation.fetch()).attributes)).toEqual({
      lead: { name: 'Ann "Annie" Lee', email: "ann@example.com" },
    });
  });

  describe("opening-hours", () => {
    it.each([
      ["2026-01-05T18:00:00Z", undefined, "agent"],
      ["2026-01-06T02:00:00Z", "2026-01-06 09:00", "callbacks"],
      ["2026-01-04T18:00:00Z", "2026-01-05 09:00", "callbacks"],
    ])("at %s", async (moment, closedUntil, identity) => {
      await system.current.clear(Date.parse(moment));
      const conversation = await conversationWith(await deploy("opening-hours.json"));
      const said = await says("Hello", "555 0100 at ten");
      expect(await identities(conversation)).toEqual([identity]);
      if (closedUntil === undefined) {
        expect(said).toEqual([ONE_MOMENT]);
        expect(await conversation.webhooks.list()).toEqual([]);
        return;
      }
      expect(said).toEqual([
        expect.stringContaining(`closed until ${closedUntil}.`),
        "Thank you. We call you back: 555 0100 at ten",
      ]);
      expect(JSON.parse((await conversation.fetch()).attributes)).toEqual({ callBack: "555 0100 at ten" });
    });
  });

  describe("survey", () => {
    const given = () => ({ conversationServiceSid: system.current.account.emulator.chatServiceSid, notify });

    it("asks in a new conversation, and adds a person after a bad answer", async () => {
      const { account } = system.current;
      await request(await deploy("survey.json"), ann, given());
      for (const text of ["bad", "1", "Too late"]) await account.send(ann, account.emulator.smsNumber, text);
      const [, again, why, thanks] = await system.current.received(ann);
      expect([again, why, thanks]).toEqual([
        "Please answer with a number from 1 to 5.",
        "We are sorry. What went wrong?",
        "Thank you for telling us. An agent will look into it and answer here.",
      ]);
      const [survey] = await account.conversations.list();
      expect(survey).toMatchObject({ friendlyName: "Survey", state: "active" });
      const people = await account.conversations(survey?.sid ?? "").participants.list();
      expect(people.flatMap(({ identity }) => identity ?? [])).toEqual(["care"]);
      expect(JSON.parse(survey?.attributes ?? "")).toEqual({ survey: { score: "1", reason: "Too late" } });
    });

    it("closes after a good answer, and sends a text when it could not start", async () => {
      const { account } = system.current;
      const flowSid = await deploy("survey.json");
      await request(flowSid, ann, given());
      await account.send(ann, account.emulator.smsNumber, "5");
      expect(await lastOf(ann)).toBe("Thank you!");
      const [survey] = await account.conversations.list();
      expect(survey).toMatchObject({ state: "closed", attributes: '{"survey":{"score":"5","reason":""}}' });
      await request(flowSid, bob, { ...given(), conversationServiceSid: "IS1" });
      expect(await lastOf(notify)).toMatch(/The survey for \+15558675311 stopped: There is no such/);
    });
  });

  describe("whatsapp-opt-in", () => {
    const introduce = async (data: Record<string, unknown> = {}) => {
      const { inviteVariables, ...input } = await courierInput(system.current);
      const given = {
        ...input,
        inviteVariables: JSON.stringify(inviteVariables),
        uniqueName: "delivery-7",
        notify,
      };
      return request(await deploy("whatsapp-opt-in.json"), ann, { ...given, ...data });
    };

    it("invites once, closes the conversation without an answer, and connects after a yes", async () => {
      expect((await introduce()).slice(1, 4)).toEqual([
        "introduce: success > check_status",
        "check_status: match > set_timers",
        "set_timers: success > set_status",
      ]);
      await introduce();
      expect(await system.current.received(CUSTOMER)).toEqual([INVITATION]);
      const conversation = system.current.account.conversations("delivery-7");
      expect((await conversation.fetch()).timers.date_closed).toBeDefined();
      await says("Yes, sure");
      expect((await conversation.messages.list()).map(({ body }) => body)).toContain(CONNECTION);
    });

    it("sends a text with the reason of a failure", async () => {
      await introduce({ invitee: "nobody" });
      expect(await lastOf(notify)).toMatch(/^The introduction did not work: .*invitee/);
    });

    it("runs as a subflow of courier-chat, which offers it in a conversation", async () => {
      const { inviter: courier, ...templates } = await courierInput(system.current);
      const subflow = await deploy("whatsapp-opt-in.json");
      await conversationOnSms(await deploy("courier-chat.json", subflow), { courier, ...templates });
      const { account } = system.current;
      for (const text of ["Hello", "Yes please"]) await account.send(ann, account.emulator.smsNumber, text);
      expect(await lastOf(ann)).toBe("Look into WhatsApp: your courier writes to you there.");
      expect(await system.current.received(CUSTOMER)).toEqual([INVITATION]);
      expect(await system.current.received(COURIER)).toEqual([]);
      expect(await notesOf(account)).toEqual([]);
    });
  });

  async function conversationOnSms(flowSid: string, attributes: object) {
    const { account } = system.current;
    const conversation = await account.conversation({ attributes: JSON.stringify(attributes) });
    await conversation.participants.create({
      "messagingBinding.address": ann,
      "messagingBinding.proxyAddress": account.emulator.smsNumber,
    });
    await conversation.webhooks.create({ target: "studio", "configuration.flowSid": flowSid });
  }

  describe("group-text", () => {
    it("starts the group with the fields of the form, once for a unique name", async () => {
      const flowSid = await deploy("group-text.json");
      const form = { addresses: `${ann}, ${bob}`, uniqueName: "elm-street", notify };
      expect((await request(flowSid, ann, { ...form, body: "Welcome" })).at(-1)).toBe(
        "set_timers: success > Ended",
      );
      expect((await request(flowSid, ann, form)).at(-1)).toBe("existing_group: next > Ended");
      for (const phone of [ann, bob]) expect(await system.current.received(phone)).toEqual(["Welcome"]);
      const conversation = await system.current.account.conversations("elm-street").fetch();
      expect(conversation.timers.date_closed).toBeDefined();
    });

    it("sends a text with the address that cannot be in a group", async () => {
      await request(await deploy("group-text.json"), ann, { addresses: `${ann}, +18005550100`, notify });
      expect(await lastOf(notify)).toMatch(
        /^The group text could not be created: addresses.1 must be a long code/,
      );
    });
  });

  it("messenger-welcome asks for the order, and adds a person with its number", async () => {
    const { account } = system.current;
    const [page, customer] = ["messenger:1234567890", "messenger:9876543210"];
    await account.control("POST", "/numbers", { address: page });
    await account.autocreate({
      type: "messenger",
      address: page,
      "autoCreation.type": "studio",
      "autoCreation.studioFlowSid": await deploy("messenger-welcome.json"),
    });
    for (const text of ["Hi", "1", "A-17"]) await account.send(customer, page, text);
    expect((await system.current.received(customer)).slice(1)).toEqual([
      "What is the number of your order?",
      ONE_MOMENT,
    ]);
    const [conversation] = await account.conversations.list();
    const people = await account.conversations(conversation?.sid ?? "").participants.list();
    expect(people.some(({ identity }) => identity === "agent")).toBe(true);
    expect(JSON.parse(conversation?.attributes ?? "")).toEqual({ order: "A-17" });
  });
});
