import type { ChannelMessage } from "../domain/account-model.ts";
import { draftOutbound, type OutboundDraft, type OutboundInput } from "../domain/outbound-messages.ts";
import type { Resources } from "../domain/resources.ts";
import { textingRules } from "../domain/rules/texting.ts";
import { messageSid } from "./channels.ts";
import type { ChannelContext } from "./context.ts";
import { sendFromNumber } from "./number-messages.ts";

/**
 * Sends a message of Programmable Messaging (`Messages.json`). It is `queued` in the response; sending and delivering
 * are tasks on the clock. Each new status is sent to the status callback.
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
  clock.schedule(clock.now(), () => {
    setStatus(resources, context, draft, "sent");
    clock.schedule(clock.now(), () => {
      const { message, channel, content, contentVariables } = draft;
      const { sid, from, to, body, media } = message;
      const urls = media.map(({ url }) => url ?? "");
      const sent = { sid, channel, from, to, body, media: urls, content, contentVariables };
      const { status, errorCode } = sendFromNumber(resources, context, sent);
      setStatus(resources, context, draft, status, errorCode);
    });
  });
  return draft.message;
}

/** Sets the status of the message and sends it to the status callback. */
function setStatus(
  resources: Resources,
  { clock, callWebhook }: ChannelContext,
  { message, statusCallback }: OutboundDraft,
  status: ChannelMessage["status"],
  errorCode = 0,
): void {
  Object.assign(message, { status, errorCode, dateUpdated: clock.now() });
  if (statusCallback === undefined) return;
  const { sid, from, to, messagingServiceSid } = message;
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
