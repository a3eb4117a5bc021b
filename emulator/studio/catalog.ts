import type { Widget } from "./widget.ts";
import { addTwimlRedirect } from "./widgets/add-twiml-redirect.ts";
import { connectVirtualAgent } from "./widgets/connect-virtual-agent-v2.ts";
import { makeHttpRequest } from "./widgets/make-http-request.ts";
import { resumeConversation } from "./widgets/resume-conversation.ts";
import { runFunction } from "./widgets/run-function.ts";
import { runSubflow } from "./widgets/run-subflow.ts";
import { sendAndWaitForReply } from "./widgets/send-and-wait-for-reply.ts";
import { sendMessageWidget } from "./widgets/send-message.ts";
import { sendToFlex } from "./widgets/send-to-flex.ts";
import { setVariables } from "./widgets/set-variables.ts";
import { splitBasedOn } from "./widgets/split-based-on.ts";
import { startConversation } from "./widgets/start-conversation.ts";
import { trigger } from "./widgets/trigger.ts";

/** The supported widgets, by type. */
export const widgets: ReadonlyMap<string, Widget> = new Map([
  ["trigger", trigger],
  ["send-message", sendMessageWidget],
  ["send-and-wait-for-reply", sendAndWaitForReply],
  ["split-based-on", splitBasedOn],
  ["set-variables", setVariables],
  ["run-function", runFunction],
  ["make-http-request", makeHttpRequest],
  ["run-subflow", runSubflow],
  ["start-conversation", startConversation],
  ["resume-conversation", resumeConversation],
  ["connect-virtual-agent-v2", connectVirtualAgent],
  ["send-to-flex", sendToFlex],
  ["add-twiml-redirect", addTwimlRedirect],
]);

/** Widgets of Twilio that are not supported: nearly all are for calls. */
export const foreignTypes: readonly string[] = [
  "connect-virtual-agent",
  "run-function-v2",
  "say-play",
  "gather-input-on-call",
  "connect-call-to",
  "make-outgoing-call-v1",
  "make-outgoing-call-v2",
  "record-voicemail",
  "record-call",
  "enqueue-call",
  "capture-payments",
  "fork-stream",
  "run-conversation-relay",
];

/** Every type that a definition may name. */
export const widgetTypes: readonly string[] = [...widgets.keys(), ...foreignTypes];
