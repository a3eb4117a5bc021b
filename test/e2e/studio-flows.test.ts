import { describe, expect, it } from "vitest";
import { type Flow, pointFlowAt, readFlows } from "../../infra/studio/flow.ts";
import { CONNECTION, courierInput, INVITATION } from "../support/courier.ts";
import { ADD_PARTICIPANT, failed } from "../support/faults.ts";
import { platforms } from "../support/platforms.ts";
import { CUSTOMER, type Stage, useStage } from "../support/stage.ts";
import { playFlow } from "../support/studio.ts";

const HELLO = "Hello! Reply 1 for our opening hours, or 2 to talk to a person.";
const HOURS = "We are here from nine to five, Monday to Friday.";
const ONE_MOMENT = "One moment, somebody will be with you.";
const NOBODY = "Nobody is free right now. Write again in a while, please.";
const FLOW_SID = `FW${"1".repeat(32)}`;

describe.each(platforms)("Studio flows on $name", (platform) => {
  const stage = useStage(platform);

  /** A flow for the deployment, with the widget by which Studio calls such a one. */
  function flowOf(file: string): Flow {
    const flow = readFlows().get(file);
    if (flow === undefined) throw new Error(`There is no flow ${file}.`);
    const widget = platform.name === "Twilio Functions" ? "run-function" : "make-http-request";
    return pointFlowAt(flow, { widget, baseUrl: stage.current.url });
  }
  const failure = platform.name === "Twilio Functions" ? "fail" : "failed";
  const nobodySpeaks = { say: async () => undefined, replies: [] };

  describe("whatsapp-opt-in", () => {
    async function introduce(data: Record<string, unknown> = {}): Promise<string[]> {
      const { authToken } = stage.current.bench.emulator;
      const { inviteVariables, ...input } = await courierInput(stage.current);
      const given = { ...input, inviteVariables: JSON.stringify(inviteVariables), uniqueName: "delivery-7" };
      const variables = { flow: { data: { ...given, ...data } } };
      return playFlow(flowOf("whatsapp-opt-in.json"), "incomingRequest", {
        ...nobodySpeaks,
        authToken,
        variables,
      });
    }

    it("invites, lets the conversation close when it stays quiet, and connects after a yes", async () => {
      expect(await introduce()).toEqual([
        "Trigger: incomingRequest",
        "introduce: success",
        "how_it_stands: match",
        "close_when_quiet: success",
      ]);
      const conversation = await stage.current.bench.conversations("delivery-7").fetch();
      expect(conversation.timers.date_closed).toBeDefined();
      await stage.current.bench.emulator.settle();
      await stage.current.send(CUSTOMER, "Yes, sure");
      expect((await stage.current.received(CUSTOMER))[0]).toBe(INVITATION);
      const said = await stage.current.bench.conversations("delivery-7").messages.list();
      expect(said.map(({ body }) => body)).toContain(CONNECTION);
    });

    it("invites once, when it runs twice", async () => {
      await introduce();
      expect((await introduce()).at(-1)).toBe("close_when_quiet: success");
      await stage.current.bench.emulator.settle();
      expect(await stage.current.received(CUSTOMER)).toEqual([INVITATION]);
    });

    it("ends where somebody has declined, and where the input is wrong", async () => {
      await introduce();
      await stage.current.bench.emulator.settle();
      await stage.current.send(CUSTOMER, "No, thanks");
      expect((await introduce()).at(-1)).toBe("how_it_stands: noMatch");
      expect((await introduce({ invitee: "nobody" })).at(-1)).toBe(`introduce: ${failure}`);
    });
  });

  describe("group-text", () => {
    const [ann, bob] = ["+15558675310", "+15558675311"];
    async function begin(data: Record<string, unknown> = {}): Promise<string[]> {
      const { authToken, smsNumber } = stage.current.bench.emulator;
      const form = { addresses: `${ann}, ${bob}`, projectedAddress: smsNumber, identity: "agent" };
      const given = { ...form, uniqueName: "elm-street", body: "Welcome, both of you", ...data };
      return playFlow(flowOf("group-text.json"), "incomingRequest", {
        ...nobodySpeaks,
        authToken,
        variables: { flow: { data: given } },
      });
    }

    it("begins the group, says the first words once, and lets it close when it stays quiet", async () => {
      const steps = ["Trigger: incomingRequest", "create_group: success"];
      expect(await begin()).toEqual([...steps, "how_it_stands: match", "close_when_quiet: success"]);
      expect(await begin()).toEqual([...steps, "how_it_stands: noMatch"]);
      await stage.current.bench.emulator.settle();
      for (const phone of [ann, bob])
        expect(await stage.current.received(phone)).toEqual(["Welcome, both of you"]);
      const conversation = await stage.current.bench.conversations("elm-street").fetch();
      expect(conversation.timers.date_closed).toBeDefined();
    });

    it("ends where the form names what cannot be in a group", async () => {
      expect((await begin({ addresses: `${ann}, +18005550100` })).at(-1)).toBe(`create_group: ${failure}`);
    });
  });

  describe("bot-first", () => {
    /** The customer writes, and the flow runs for them. */
    async function chat(replies: readonly string[]) {
      const { emulator } = stage.current.bench;
      const conversation = await stage.current.bench.conversation();
      await conversation.participants.create({
        "messagingBinding.address": CUSTOMER,
        "messagingBinding.proxyAddress": emulator.whatsappNumber,
      });
      await stage.current.call("/conversations/attach-studio", {
        conversationSid: (await conversation.fetch()).sid,
        flowSid: FLOW_SID,
      });
      await stage.current.send(CUSTOMER, "Hello");
      const [hello] = await conversation.messages.list();
      const steps = await play(conversation, replies, String(hello?.sid));
      await emulator.settle();
      return { conversation, steps, messageSid: String(hello?.sid) };
    }

    async function play(
      conversation: Awaited<ReturnType<Stage["bench"]["conversation"]>>,
      replies: readonly string[],
      MessageSid: string,
    ): Promise<string[]> {
      const { sid: ConversationSid } = await conversation.fetch();
      return playFlow(flowOf("bot-first.json"), "incomingConversationMessage", {
        authToken: stage.current.bench.emulator.authToken,
        variables: {
          flow: { flow_sid: FLOW_SID },
          trigger: { conversation: { ConversationSid, MessageSid } },
        },
        say: async (body) => void (await conversation.messages.create({ body })),
        replies,
      });
    }

    it("answers by itself what it knows, and ends without a reply", async () => {
      const { steps, conversation } = await chat(["1"]);
      expect(steps.slice(1)).toEqual(["menu: incomingMessage", "what_they_want: match", "hours: sent"]);
      expect(await stage.current.received(CUSTOMER)).toEqual([HELLO, HOURS]);
      expect(await conversation.webhooks.list()).toHaveLength(1);
      expect((await play(conversation, [], "IM1")).at(-1)).toBe("menu: timeout");
    });

    it("gets a person for everything else, takes itself off, and says so once", async () => {
      const { steps, conversation, messageSid } = await chat(["2"]);
      expect(steps.slice(2)).toEqual([
        "what_they_want: noMatch",
        "call_person: success",
        "take_bot_off: success",
        "tell_both: success",
      ]);
      expect((await conversation.participants.list()).flatMap(({ identity }) => identity ?? [])).toEqual([
        "agent",
      ]);
      expect(await conversation.webhooks.list()).toEqual([]);
      await play(conversation, ["2"], messageSid);
      await stage.current.bench.emulator.settle();
      expect(await stage.current.received(CUSTOMER)).toEqual([HELLO, ONE_MOMENT, HELLO]);
    });

    it("says so when there is nobody", async () => {
      await stage.current.strike({ ...ADD_PARTICIPANT, parameters: { Identity: "agent" } }, failed(400));
      const { steps } = await chat(["Help!"]);
      expect(steps.slice(3)).toEqual([`call_person: ${failure}`, "nobody_there: sent"]);
      expect(await stage.current.received(CUSTOMER)).toEqual([HELLO, NOBODY]);
    });
  });
});
