import { messageProperties, sendMessage } from "../messages.ts";
import type { Widget } from "../widget.ts";

/** Sends a message and continues ("Send Message widget"). */
export const sendMessageWidget: Widget = {
  properties: messageProperties,
  required: ["from"],
  events: ["sent", "failed"],
  async enter(visit) {
    const { isSent, outbound } = await sendMessage(visit);
    return { event: isSent ? "sent" : "failed", result: { outbound } };
  },
};
