import type { Widget } from "../widget.ts";

/** Passes a call or a message to a TwiML application. A conversation has no TwiML. */
export const addTwimlRedirect: Widget = {
  properties: { url: "text", method: ["GET", "POST"], timeout: "text" },
  required: ["url"],
  events: ["return", "timeout", "fail"],
  enter({ execution, state, note }) {
    if (execution.party.conversationSid === undefined)
      return { problem: `${state.name}: not emulated: the widget add-twiml-redirect outside conversations` };
    note(
      `${state.name}: add-twiml-redirect needs a call or a message by number: a conversation has no TwiML`,
    );
    return { event: "fail" };
  },
};
