import type { ChannelMessage } from "../domain/account-model.ts";
import { draftOutbound, type OutboundDraft, type OutboundInput } from "../domain/outbound-messages.ts";
import type { Resources } from "../domain/resources.ts";
import { textingRules } from "../domain/rules/texting.ts";
import { messageSid } from "./channels.ts";
import type { ChannelContext } from "./context.ts";
import { sendFromNumber } from "./number-messages.ts";

/**
 * Sends a message of Programmable Messaging (`Messages.json`). It is `queued` in the response, or `accepted` with a messaging
 * service, which then chooses the sender; each further status is a task on the clock, and is sent to the status callback
 * ("Outbound Message Status in Status Callbacks").
 */
export function sendOutbound(
  resources: Resources,
  context: ChannelContext,
  input: OutboundInput,
): ChannelMessage {
  const { clock, optOuts } = context;
  const sidOf: Parameters<typeof draftOutbound>[2] = (channel, hasMedia) =>
    messageSid(resources, channel, hasMedia ? "media" : "text");
  if (input.to && input.from && optOuts.check(input.to, input.from) !== undefined)
    throw textingRules.optedOut();
  const draft = draftOutbound(resources, input, sidOf);
  const soon = (task: () => void) => clock.schedule(clock.now(), task);
  const send = () => {
    setStatus(resources, context, draft, "sent");
    soon(() => {
      const { message, channel, from, body, content, contentVariables } = draft;
      const { sid, to, media } = message;
      const urls = media.map(({ url }) => url ?? "");
      const sent = { sid, channel, from, to, body, media: urls, content, contentVariables };
      const { status, errorCode } = sendFromNumber(resources, context, sent);
      setStatus(resources, context, draft, status, errorCode);
    });
  };
  const queue = () => {
    Object.assign(draft.message, { from: draft.from, body: draft.body });
    setStatus(resources, context, draft, "queued");
    soon(send);
  };
  soon(draft.message.status === "accepted" ? queue : send);
  return draft.message;
}

/** Sets the status of the message and sends it to the status callback. */
function setStatus(
  resources: Resources,
  { clock, callWebhook }: ChannelContext,
  { message, from, statusCallback }: OutboundDraft,
  status: ChannelMessage["status"],
  errorCode = 0,
): void {
  Object.assign(message, { status, errorCode, dateUpdated: clock.now() });
  if (statusCallback === undefined) return;
  const { sid, to, messagingServiceSid } = message;
  const fields = new Map([
    ["SmsSid", sid],
    ["SmsStatus", status],
    ["MessageStatus", status],
    ...(errorCode === 0 ? [] : [["ErrorCode", String(errorCode)] as const]),
    ["To", to],
    ["MessageSid", sid],
    ["AccountSid", resources.account.sid],
    ["From", from],
    ...(messagingServiceSid === null ? [] : [["MessagingServiceSid", messagingServiceSid] as const]),
    ["ApiVersion", "2010-04-01"],
  ]);
  void callWebhook(from, statusCallback, fields);
}
