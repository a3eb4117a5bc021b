import type { Widget } from "./widget.ts";
import { makeHttpRequest } from "./widgets/make-http-request.ts";
import { runFunction } from "./widgets/run-function.ts";
import { sendAndWaitForReply } from "./widgets/send-and-wait-for-reply.ts";
import { sendMessageWidget } from "./widgets/send-message.ts";
import { setVariables } from "./widgets/set-variables.ts";
import { splitBasedOn } from "./widgets/split-based-on.ts";
import { trigger } from "./widgets/trigger.ts";

/** The widgets that run here, by their type. */
export const widgets: ReadonlyMap<string, Widget> = new Map([
  ["trigger", trigger],
  ["send-message", sendMessageWidget],
  ["send-and-wait-for-reply", sendAndWaitForReply],
  ["split-based-on", splitBasedOn],
  ["set-variables", setVariables],
  ["run-function", runFunction],
  ["make-http-request", makeHttpRequest],
]);

/** Widgets that Twilio has and that do not run here: nearly all are for calls. */
export const foreignTypes: readonly string[] = [
  "add-twiml-redirect",
  "run-subflow",
  "start-conversation",
  "resume-conversation",
  "connect-virtual-agent",
  "connect-virtual-agent-v2",
  "send-to-flex",
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
