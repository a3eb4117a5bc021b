import { callFlow, must, never, once, together } from "../flow.ts";
import type { Lane } from "../lane.ts";
import { FLOW_SID } from "../settings.ts";

const PERSON = "+15558675310";

const conversation = async (lane: Lane): Promise<string> => String((await lane.post("Conversations")).sid);

/** Conversation steps: each is one change, or a read. */
export const steps = [
  callFlow({
    name: "add a chat user",
    endpoint: "conversations/add-participant",
    async prepare(lane) {
      const sid = await conversation(lane);
      return {
        fields: { conversationSid: sid, identity: "alice" },
        look: async () => once("alice", (await lane.list(`Conversations/${sid}/Participants`)).length),
      };
    },
  }),
  callFlow({
    name: "add a person",
    endpoint: "conversations/add-participant",
    async prepare(lane) {
      const sid = await conversation(lane);
      const { smsNumber: proxyAddress } = lane.emulator;
      return {
        fields: { conversationSid: sid, address: PERSON, proxyAddress },
        look: async () => once("the person", (await lane.list(`Conversations/${sid}/Participants`)).length),
      };
    },
  }),
  callFlow({
    name: "remove a participant",
    endpoint: "conversations/remove-participant",
    async prepare(lane) {
      const sid = await conversation(lane);
      await lane.post(`Conversations/${sid}/Participants`, { Identity: "bob" });
      await lane.post(`Conversations/${sid}/Participants`, { Identity: "carol" });
      const look = async () => {
        const there = (await lane.list(`Conversations/${sid}/Participants`)).map(({ identity }) => identity);
        return together(
          must("bob's removal", !there.includes("bob")),
          never("carol is gone", !there.includes("carol")),
        );
      };
      return { fields: { conversationSid: sid, identity: "bob" }, look };
    },
  }),
  callFlow({
    name: "close",
    endpoint: "conversations/close",
    async prepare(lane) {
      const sid = await conversation(lane);
      return {
        fields: { conversationSid: sid },
        look: async () => must("the close", (await lane.get(`Conversations/${sid}`)).state === "closed"),
      };
    },
  }),
  callFlow({
    name: "set timers",
    endpoint: "conversations/set-timers",
    async prepare(lane) {
      const sid = await conversation(lane);
      const look = async () => {
        const { timers } = await lane.get(`Conversations/${sid}`);
        return must("the timer", typeof timers === "object" && timers !== null && "date_inactive" in timers);
      };
      return { fields: { conversationSid: sid, inactive: "PT5M" }, look };
    },
  }),
  callFlow({
    name: "attach a Studio flow",
    endpoint: "conversations/attach-studio",
    sends: true,
    async prepare(lane) {
      const sid = await conversation(lane);
      return {
        fields: { conversationSid: sid, flowSid: FLOW_SID },
        look: async () => once("the webhook", (await lane.list(`Conversations/${sid}/Webhooks`)).length),
      };
    },
  }),
  callFlow({
    name: "detach webhooks",
    endpoint: "conversations/detach-webhooks",
    async prepare(lane) {
      const sid = await conversation(lane);
      const webhooks = `Conversations/${sid}/Webhooks`;
      await lane.post(webhooks, { Target: "studio", "Configuration.FlowSid": FLOW_SID });
      await lane.post(webhooks, {
        Target: "webhook",
        "Configuration.Url": "http://127.0.0.1:1/",
        "Configuration.Filters": "onMessageRemoved",
      });
      const look = async () => {
        const targets = (await lane.list(webhooks)).map(({ target }) => target);
        return together(
          must("the removal", !targets.includes("studio")),
          never("another webhook is gone", !targets.includes("webhook")),
        );
      };
      return { fields: { conversationSid: sid, target: "studio" }, look };
    },
  }),
  callFlow({
    name: "pick an agent",
    endpoint: "agents/pick",
    async prepare(lane) {
      const sid = await conversation(lane);
      return {
        fields: { conversationSid: sid, agents: ["alice", "bob"], rule: "fixed" },
        look: async () => once("the agent", (await lane.list(`Conversations/${sid}/Participants`)).length),
      };
    },
  }),
  callFlow({
    name: "transfer to another agent",
    endpoint: "conversations/transfer",
    async prepare(lane) {
      const sid = await conversation(lane);
      await lane.post(`Conversations/${sid}/Participants`, { Identity: "alice" });
      const look = async () => {
        const there = (await lane.list(`Conversations/${sid}/Participants`)).map(({ identity }) => identity);
        return together(
          must("bob", there.includes("bob")),
          must("the removal of alice", !there.includes("alice")),
          never("nobody is there", there.length === 0),
        );
      };
      return { fields: { conversationSid: sid, fromIdentity: "alice", toIdentity: "bob" }, look };
    },
  }),
  callFlow({
    name: "find",
    endpoint: "conversations/find",
    async prepare(lane) {
      const sid = await conversation(lane);
      await lane.post(`Conversations/${sid}/Participants`, { Identity: "alice" });
      return { fields: { identity: "alice" }, look: async () => together() };
    },
  }),
  callFlow({
    name: "count unread messages",
    endpoint: "users/unread",
    async prepare(lane) {
      const sid = await conversation(lane);
      await lane.post(`Conversations/${sid}/Participants`, { Identity: "alice" });
      return { fields: { identity: "alice" }, look: async () => together() };
    },
  }),
];
