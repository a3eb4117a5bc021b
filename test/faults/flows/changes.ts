import { callFlow, must, once, together } from "../flow.ts";
import type { Lane } from "../lane.ts";

const conversation = async (lane: Lane): Promise<string> => String((await lane.post("Conversations")).sid);

/** A read of a conversation with alice and a message in it: nothing comes of it but an answer. */
const reading = (name: string, endpoint: string, more: object = {}) =>
  callFlow({
    name,
    endpoint,
    async prepare(lane) {
      const sid = await conversation(lane);
      await lane.post(`Conversations/${sid}/Participants`, { Identity: "alice" });
      const { sid: messageSid } = await lane.post(`Conversations/${sid}/Messages`, { Body: "Hello" });
      const isOfMessage = endpoint === "messages/status";
      return {
        fields: { conversationSid: sid, ...more, ...(isOfMessage && { messageSid }) },
        look: async () => together(),
      };
    },
  });

/** Resources that are created, changed and read in a few requests. */
export const changes = [
  callFlow({
    name: "create a conversation",
    endpoint: "conversations/create",
    prepare: async (lane) => ({
      fields: { uniqueName: "order-1" },
      look: async () => once("the conversation", (await lane.conversations()).length),
    }),
  }),
  callFlow({
    name: "change a conversation",
    endpoint: "conversations/update",
    async prepare(lane) {
      const sid = await conversation(lane);
      const look = async () => {
        const found = await lane.get(`Conversations/${sid}`);
        return together(
          must("the name", found.friendly_name === "Order 1"),
          must("the attribute", String(found.attributes).includes("vip")),
          must("the state", found.state === "inactive"),
        );
      };
      const change = { friendlyName: "Order 1", attributes: { vip: true }, state: "inactive" };
      return { fields: { conversationSid: sid, ...change }, look };
    },
  }),
  callFlow({
    name: "change a user",
    endpoint: "users/update",
    async prepare(lane) {
      const look = async () => {
        const users = (await lane.list("Users")).filter(({ identity }) => identity === "alice");
        return together(
          once("the user", users.length),
          must("the name", users[0]?.friendly_name === "Alice"),
          must("the attribute", String(users[0]?.attributes).includes("vip")),
        );
      };
      return { fields: { identity: "alice", friendlyName: "Alice", attributes: { vip: true } }, look };
    },
  }),
  callFlow({
    name: "mark messages as read",
    endpoint: "users/read",
    async prepare(lane) {
      const sid = await conversation(lane);
      await lane.post(`Conversations/${sid}/Participants`, { Identity: "alice" });
      await lane.post(`Conversations/${sid}/Messages`, { Body: "Hello" });
      const look = async () => {
        const [alice] = await lane.list(`Conversations/${sid}/Participants`);
        return must("the read horizon", alice?.last_read_message_index === 0);
      };
      return { fields: { conversationSid: sid, identity: "alice" }, look };
    },
  }),
  reading("read the history", "conversations/history"),
  reading("list the participants", "conversations/participants"),
  reading("read a message's status", "messages/status"),
];
