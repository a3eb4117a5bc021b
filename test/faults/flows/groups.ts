import { callFlow, callOutcome, type Flow, must, never, once, together, whole } from "../flow.ts";
import type { Lane } from "../lane.ts";

const PEOPLE = ["+15558675310", "+15558675311"];
const [ANN = "", BOB = ""] = PEOPLE;
const TEXT = "Welcome to the group.";

/** The group is there once with all of its members, and has said the first message once. */
async function lookAtGroup(lane: Lane) {
  const conversations = await lane.conversations();
  const groups = conversations.filter(({ state }) => state !== "closed");
  const sid = String(groups[0]?.sid);
  const members = groups.length > 0 ? await lane.list(`Conversations/${sid}/Participants`) : [];
  const texts = groups.length > 0 ? await lane.list(`Conversations/${sid}/Messages`) : [];
  return whole(
    "a conversation",
    groups.length > 0,
    once("the group", groups.length),
    must("all members", members.length === 3),
    never("too many members", members.length > 3),
    once("the first message", texts.length),
  );
}

const fieldsOf = (lane: Lane) => ({
  addresses: PEOPLE.join(),
  projectedAddress: lane.emulator.smsNumber,
  identity: "alice",
  body: TEXT,
  uniqueName: "team-1",
});

const withPostEvents: Flow = {
  name: "create a group text, heard of by webhooks/post-event",
  endpoints: ["group-mms/create", "webhooks/post-event"],
  sends: true,
  // The call or the event sends the first message, whichever is first.
  isCall: false,
  async prepare(lane) {
    await lane.post("/v1/Configuration/Webhooks", {
      PostWebhookUrl: `${lane.url}/webhooks/post-event`,
      Method: "POST",
    });
    const act = () => callOutcome(lane, "group-mms/create", fieldsOf(lane));
    return { act, look: () => lookAtGroup(lane), repair: act };
  },
};

/** A group text that is there. */
async function group(lane: Lane): Promise<string> {
  const sid = String((await lane.post("Conversations")).sid);
  const path = `Conversations/${sid}/Participants`;
  await lane.post(path, { Identity: "alice", "MessagingBinding.ProjectedAddress": lane.emulator.smsNumber });
  await lane.post(path, { "MessagingBinding.Address": ANN });
  await lane.post(path, { "MessagingBinding.Address": BOB });
  return sid;
}

/** Group texts. */
export const groups: readonly Flow[] = [
  callFlow({
    name: "create a group text",
    endpoint: "group-mms/create",
    sends: true,
    prepare: async (lane) => ({ fields: fieldsOf(lane), look: () => lookAtGroup(lane) }),
  }),
  withPostEvents,
  callFlow({
    name: "add a member to a group text",
    endpoint: "group-mms/add-participant",
    async prepare(lane) {
      const sid = await group(lane);
      const address = "+15558675312";
      const look = async () =>
        once("the member", (await lane.list(`Conversations/${sid}/Participants`)).length - 3);
      return { fields: { conversationSid: sid, address }, look };
    },
  }),
  callFlow({
    name: "transfer a projected address",
    endpoint: "group-mms/transfer",
    async prepare(lane) {
      const sid = await group(lane);
      const look = async () => {
        const identities = (await lane.list(`Conversations/${sid}/Participants`)).map(
          ({ identity }) => identity,
        );
        const isNobodys = !identities.includes("bob") && !identities.includes("alice");
        return together(must("bob", identities.includes("bob")), {
          wrong: [],
          missing: [],
          half: isNobodys ? ["nobody behind the number"] : [],
        });
      };
      const fields = { conversationSid: sid, projectedAddress: lane.emulator.smsNumber, identity: "bob" };
      return { fields, look };
    },
  }),
];
