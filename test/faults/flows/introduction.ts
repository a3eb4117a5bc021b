import {
  callFlow,
  callOutcome,
  eventOutcome,
  type Findings,
  type Flow,
  must,
  never,
  once,
  together,
  whole,
} from "../flow.ts";
import type { Lane, Resource } from "../lane.ts";

const [CUSTOMER, COURIER] = ["whatsapp:+15558675310", "whatsapp:+15017250604"];
const UNIQUE_NAME = "order-1";
const TEXTS = { waitText: "One moment.", declinedText: "All right.", unclearText: "Please say yes or no." };
const [INVITATION, CONNECTION] = ["May we connect you?", "You are connected."];

/** What the back end asks for. Both people have written lately, so that plain texts reach them. */
async function prepareFields(lane: Lane): Promise<object> {
  for (const phone of [CUSTOMER, COURIER]) await lane.say(phone, lane.emulator.whatsappNumber, "Hi");
  const people = { invitee: CUSTOMER, inviter: COURIER, uniqueName: UNIQUE_NAME };
  return { ...people, inviteBody: INVITATION, connectBody: CONNECTION, ...TEXTS };
}

interface Seen {
  readonly conversations: readonly Resource[];
  readonly participants: readonly Resource[];
  readonly webhooks: readonly Resource[];
  /** How often a text is in the conversation. */
  count(text: string): number;
}

async function see(lane: Lane): Promise<Seen> {
  const conversations = await lane.conversations();
  const sid = conversations[0]?.sid;
  const listOf = async (what: string) => (sid === undefined ? [] : lane.list(`Conversations/${sid}/${what}`));
  const texts = (await listOf("Messages")).map(({ body }) => body);
  return {
    conversations,
    participants: await listOf("Participants"),
    webhooks: await listOf("Webhooks"),
    count: (text) => texts.filter((one) => one === text).length,
  };
}

const invited = ({ conversations, participants, count }: Seen): Findings =>
  together(
    once("the conversation", conversations.length),
    must("both people", participants.length === 2),
    once("the invitation", count(INVITATION)),
  );

/** An invitee answers. Afterwards the documented repair is the same call of `whatsapp/opt-in`. */
const reply = (name: string, texts: readonly string[], look: (seen: Seen) => Findings): Flow => ({
  name,
  endpoints: ["whatsapp/opt-in-reply", "whatsapp/opt-in"],
  sends: true,
  isCall: false,
  async prepare(lane) {
    const fields = await prepareFields(lane);
    const { is, said } = await callOutcome(lane, "whatsapp/opt-in", fields);
    if (is !== "done") throw new Error(`whatsapp/opt-in: ${said}`);
    const act = () =>
      eventOutcome(lane, async () => {
        for (const text of texts) await lane.say(CUSTOMER, lane.emulator.whatsappNumber, text);
      });
    const repair = async () => {
      const outcome = await callOutcome(lane, "whatsapp/opt-in", fields);
      // It makes up for a reply that has waited for a minute.
      return together(look(await see(lane))).missing.length === 0
        ? outcome
        : { ...outcome, is: "pending" as const };
    };
    return { act, repair, look: async () => look(await see(lane)) };
  },
});

/** Two-sided introductions. */
export const introductions: readonly Flow[] = [
  callFlow({
    name: "invite",
    endpoint: "whatsapp/opt-in",
    sends: true,
    async prepare(lane) {
      const fields = await prepareFields(lane);
      const look = async () => {
        const seen = await see(lane);
        return whole(
          "a conversation",
          seen.conversations.length > 0,
          invited(seen),
          once("the webhook", seen.webhooks.length),
        );
      };
      return { fields, look };
    },
  }),
  reply("reply yes", ["Yes"], (seen) =>
    together(
      invited(seen),
      once("the text to wait", seen.count(TEXTS.waitText)),
      once("the connection", seen.count(CONNECTION)),
    ),
  ),
  reply("reply no", ["No"], (seen) =>
    together(
      invited(seen),
      once("the farewell", seen.count(TEXTS.declinedText)),
      must("the close", seen.conversations[0]?.state === "closed"),
    ),
  ),
  reply("reply unclearly, and then yes", ["Who is that?", "Yes"], (seen) =>
    together(
      invited(seen),
      // Both replies may be read together, and the yes decides then.
      never("the second question is asked twice", seen.count(TEXTS.unclearText) > 1),
      once("the text to wait", seen.count(TEXTS.waitText)),
      once("the connection", seen.count(CONNECTION)),
    ),
  ),
];
