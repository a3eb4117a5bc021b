import type { Widget } from "../widget.ts";

/** Where a flow begins: it is left by what started the execution. */
export const trigger: Widget = {
  properties: {},
  required: [],
  events: [
    "incomingMessage",
    "incomingCall",
    "incomingConversationMessage",
    "incomingRequest",
    "incomingParent",
  ],
  enter: () => ({ problem: "A flow cannot come back to its trigger." }),
};
