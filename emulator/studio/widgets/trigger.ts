import type { Widget } from "../widget.ts";

/** The start of a flow: its transition depends on what started the execution. */
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
