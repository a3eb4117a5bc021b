import type { ChannelMessage } from "../domain/account-model.ts";
import { draftOutbound, type OutboundInput, type OutboundOrder } from "../domain/outbound-messages.ts";
import { textingRules } from "../domain/rules/texting.ts";
import type { World } from "../domain/world.ts";
import { messageSid } from "./channels.ts";
import type { ChannelContext } from "./context.ts";
import { sendFromNumber } from "./number-messages.ts";

/**
 * Sends a message of Programmable Messaging (`Messages.json`). It is `queued` when the caller has the answer, then sent,
 * and delivered or not, as tasks on the clock; each new status goes to the status callback.
 */
export function sendOutbound(world: World, context: ChannelContext, input: OutboundInput): ChannelMessage {
  const { clock, optOuts } = context;
  const sidOf: Parameters<typeof draftOutbound>[2] = (channel, hasMedia) =>
    messageSid(world, channel, hasMedia ? "media" : "text");
  if (input.to && input.from && optOuts.check(input.to, input.from) !== undefined)
    throw textingRules.optedOut();
  const order = draftOutbound(world, input, sidOf);
  clock.schedule(clock.now(), () => {
    note(world, context, order, "sent");
    clock.schedule(clock.now(), () => {
      const { message, channel, content, contentVariables } = order;
      const { sid, from, to, body, media } = message;
      const urls = media.map(({ url }) => url ?? "");
      const sent = { sid, channel, from, to, body, media: urls, content, contentVariables };
      const { status, errorCode } = sendFromNumber(world, context, sent);
      note(world, context, order, status, errorCode);
    });
  });
  return order.message;
}

/** Gives the message a status and tells the status callback of it. */
function note(
  world: World,
  { clock, callWebhook }: ChannelContext,
  { message, statusCallback }: OutboundOrder,
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
    ["AccountSid", world.account.sid],
    ["From", from],
    ...(messagingServiceSid === null ? [] : [["MessagingServiceSid", messagingServiceSid] as const]),
    ["ApiVersion", "2010-04-01"],
  ]);
  void callWebhook(from, statusCallback, fields);
}
