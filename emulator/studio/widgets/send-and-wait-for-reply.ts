import { messageProperties, sendMessage } from "../messages.ts";
import { isObject, type Widget } from "../widget.ts";

/** Sends a message and waits for the reply, by default an hour ("Send and Wait For Reply widget"). */
export const sendAndWaitForReply: Widget = {
  properties: { ...messageProperties, timeout: "text", save_response_as: "text" },
  required: ["from", "timeout"],
  events: ["incomingMessage", "timeout", "deliveryFailure"],
  async enter(visit) {
    const { isSent, isUndelivered, outbound } = await sendMessage(visit);
    if (!isSent || isUndelivered) return { event: "deliveryFailure", result: { outbound } };
    return { waitMs: secondsOf(visit.text("timeout")) * 1000, result: { outbound } };
  },
  message({ previous, frame }, { fields, isConversation }) {
    // Twilio's sources differ on the variable with a conversation's reply: both are set.
    if (isConversation) frame.trigger = { ...frame.trigger, conversation: fields };
    return { event: "incomingMessage", result: { ...previous, inbound: fields } };
  },
  undelivered({ previous }, { status, errorCode }) {
    const before = isObject(previous?.outbound) ? previous.outbound : {};
    const outbound = { ...before, Status: status, ErrorCode: errorCode };
    return { event: "deliveryFailure", result: { ...previous, outbound } };
  },
  timeOut: ({ previous = {} }) => ({ event: "timeout", result: previous }),
};

function secondsOf(text: string): number {
  return /^\d{1,9}$/.test(text.trim()) ? Number(text) : 3600;
}
