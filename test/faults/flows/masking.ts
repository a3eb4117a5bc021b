import { callFlow, never, once, whole } from "../flow.ts";

const [ANN, BOB] = ["+15558675310", "+15558675311"];
const TEXT = "You two are connected.";

const connecting = (name: string, change: object) =>
  callFlow({
    name,
    endpoint: "conversations/connect",
    sends: true,
    async prepare(lane) {
      const look = async () => {
        const conversations = await lane.conversations();
        const sid = String(conversations[0]?.sid);
        const isThere = conversations.length > 0;
        const people = isThere ? await lane.list(`Conversations/${sid}/Participants`) : [];
        const texts = isThere ? await lane.list(`Conversations/${sid}/Messages`) : [];
        return whole(
          "a conversation",
          isThere,
          once("the conversation", conversations.length),
          once("Ann", people.filter((one) => isOf(one, ANN)).length),
          once("Bob", people.filter((one) => isOf(one, BOB)).length),
          once("the message", texts.length),
          never("the message is twice on a phone", (await lane.received(BOB)).length > 1),
        );
      };
      return { fields: { address: ANN, otherAddress: BOB, body: TEXT, ...change }, look };
    },
  });

const isOf = ({ messaging_binding: binding }: Readonly<Record<string, unknown>>, address: string): boolean =>
  typeof binding === "object" && binding !== null && "address" in binding && binding.address === address;

/** Two people behind a number of the account. */
export const masking = [
  connecting("connect two people", {}),
  connecting("connect two people under a name", { uniqueName: "order-1" }),
];
