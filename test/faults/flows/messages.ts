import { callFlow, once, together } from "../flow.ts";
import type { Lane } from "../lane.ts";

const TEXT = "Your order is at the door.";
const PERSON = "+15558675310";

/** A conversation with a person on a phone. */
async function withPerson(lane: Lane): Promise<string> {
  const { sid } = await lane.post("Conversations");
  await lane.post(`Conversations/${sid}/Participants`, {
    "MessagingBinding.Address": PERSON,
    "MessagingBinding.ProxyAddress": lane.emulator.smsNumber,
  });
  return String(sid);
}

/** The message is in the conversation once, on the phone once, and no lock has stayed. */
const sentOnce = (lane: Lane, sid: string) => async () =>
  together(
    once("the message", (await lane.list(`Conversations/${sid}/Messages`)).length),
    once("the message on the phone", (await lane.received(PERSON)).length),
  );

const sending = (name: string, key: object, isRepeatable: boolean) =>
  callFlow({
    name,
    endpoint: "conversations/send",
    sends: true,
    isRepeatable,
    async prepare(lane) {
      const sid = await withPerson(lane);
      return { fields: { conversationSid: sid, body: TEXT, ...key }, look: sentOnce(lane, sid) };
    },
  });

/** Messages in one request, with and without a key. */
export const messages = [
  sending("send with a key", { idempotencyKey: "order-1" }, true),
  sending("send without a key", {}, false),
  callFlow({
    name: "send a file with a key",
    endpoint: "media/send",
    sends: true,
    async prepare(lane) {
      const sid = await withPerson(lane);
      const fields = { conversationSid: sid, url: `${lane.media.url}/file`, idempotencyKey: "file-1" };
      return { fields, look: sentOnce(lane, sid) };
    },
  }),
];
