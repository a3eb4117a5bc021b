import { callFlow, callOutcome, type Flow, never, once, together } from "../flow.ts";
import type { Lane } from "../lane.ts";

const CUSTOMER = "whatsapp:+15558675310";
const [TEXT, TEMPLATE] = ["Your order is at the door.", "Your order is waiting."];
const DAY_AND_HOUR_MS = 25 * 60 * 60 * 1_000;

/** A conversation in which a person wrote that long ago. */
async function conversed(lane: Lane, agoMs: number): Promise<string> {
  if (agoMs > 0) await lane.reset(Date.now() - agoMs);
  const { sid } = await lane.post("Conversations");
  await lane.post(`Conversations/${sid}/Participants`, {
    "MessagingBinding.Address": CUSTOMER,
    "MessagingBinding.ProxyAddress": lane.emulator.whatsappNumber,
  });
  await lane.say(CUSTOMER, lane.emulator.whatsappNumber, "Where is it?");
  if (agoMs > 0) await lane.emulator.advance(agoMs);
  return String(sid);
}

const countOf = async (lane: Lane, sid: string, text: string): Promise<number> =>
  (await lane.list(`Conversations/${sid}/Messages`)).filter((message) =>
    text === TEMPLATE ? message.content_sid : message.body === text,
  ).length;

const fieldsOf = async (lane: Lane, sid: string) => ({
  conversationSid: sid,
  body: TEXT,
  contentSid: await lane.template(TEMPLATE),
  idempotencyKey: "order-1",
});

const sending = (name: string, agoMs: number, sent: string, other: string) =>
  callFlow({
    name,
    endpoint: "whatsapp/send",
    sends: true,
    async prepare(lane) {
      const sid = await conversed(lane, agoMs);
      const look = async () =>
        together(
          once("the message", await countOf(lane, sid, sent)),
          never("the other form too", (await countOf(lane, sid, other)) > 0),
        );
      return { fields: await fieldsOf(lane, sid), look };
    },
  });

const followUp: Flow = {
  name: "send text for which the window has closed, and the template after it",
  endpoints: ["whatsapp/send", "whatsapp/send-receipt"],
  sends: true,
  isCall: true,
  async prepare(lane) {
    const sid = await conversed(lane, 0);
    const fields = await fieldsOf(lane, sid);
    await lane.addFault({ on: "delivery", effect: "fail", code: 63_016, times: 1 });
    const act = async () => {
      lane.beginReports();
      const outcome = await callOutcome(lane, "whatsapp/send", fields);
      // Another run may be at it for a minute, for all that the call knows.
      if (outcome.said.endsWith("handled")) return { is: "pending" as const, said: outcome.said };
      const reports = lane.reports().join(" ");
      return outcome.is === "done" && reports !== "" ? { is: "failed" as const, said: reports } : outcome;
    };
    const look = async () =>
      together(
        once("the text", await countOf(lane, sid, TEXT)),
        once("the template", await countOf(lane, sid, TEMPLATE)),
      );
    return { act, look, repair: act };
  },
};

/** Texts and templates to people on WhatsApp. */
export const whatsapp: readonly Flow[] = [
  sending("send text inside the window", 0, TEXT, TEMPLATE),
  sending("send a template outside the window", DAY_AND_HOUR_MS, TEMPLATE, TEXT),
  followUp,
];
