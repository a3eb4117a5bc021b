import { isoMillis } from "../dates.ts";
import type { ChannelMessagePrefix } from "../domain/account-model.ts";
import type { Channel } from "../domain/channels.ts";
import { renderContent } from "../domain/content-rendering.ts";
import type { Content } from "../domain/model.ts";
import type { Resources } from "../domain/resources.ts";
import type { Sid } from "../sid.ts";
import { channels, messageSid } from "./channels.ts";
import type { ChannelContext } from "./context.ts";
import { sendToPhone } from "./delivery.ts";
import type { NewPhoneMessage } from "./phones.ts";

/** A message from a number of the account to a phone, outside any conversation. */
interface NumberMessage {
  /** Omitted unless the message has a SID already. */
  readonly sid?: Sid<ChannelMessagePrefix>;
  readonly channel: Channel;
  readonly from: string;
  readonly to: string;
  readonly body: string;
  readonly media: readonly string[];
  /** The template of the body. */
  readonly content?: Content | undefined;
  readonly contentVariables?: ReadonlyMap<string, string>;
}

/** Sends a message from a number of the account to a phone. Returns its SID and its outcome. */
export function sendFromNumber(resources: Resources, context: ChannelContext, message: NumberMessage) {
  const { channel, from, to } = message;
  const { clock, optOuts, rules, sandbox, timeline, windows } = context;
  const sent = toPhoneMessage(resources, message);
  const error =
    optOuts.check(to, from) ??
    sandbox.check(to, from, clock.now()) ??
    channels[channel].check({
      resources,
      rules,
      from,
      to,
      content: message.content,
      contentVariables: message.contentVariables ?? new Map(),
      windowIsOpen: windows.isOpen(to, from, clock.now()),
    }) ??
    sendToPhone(channel, sent, context);
  const { status, code: errorCode } = error ?? ({ status: "delivered", code: 0 } as const);
  const { sid, conversationSid, messageSid } = sent;
  const entry = { conversationSid, messageSid, from, to, status, errorCode };
  timeline.add({ at: isoMillis(clock.now()), kind: "delivery", ...entry });
  return { sid, status, errorCode };
}

/**
 * Handles opt-out keywords in a message to a number of the account. The confirmation is sent to the phone only, from
 * that number, and is not added to a conversation.
 */
export function handleKeyword(
  resources: Resources,
  { from, to, body }: { readonly from: string; readonly to: string; readonly body: string },
  context: ChannelContext,
): void {
  const channel = resources.numbers.get(to)?.channel;
  if (channel === undefined || !channels[channel].handlesOptOutKeywords) return;
  const answer = context.optOuts.handleKeyword(from, to, body);
  if (answer !== undefined)
    confirm(resources, { channel, from: to, to: from, body: answer, media: [] }, context);
}

/** Sends a reply of Twilio itself. It is sent to the phone only and is never blocked. */
export function confirm(resources: Resources, message: NumberMessage, context: ChannelContext): void {
  sendToPhone(message.channel, toPhoneMessage(resources, message), context);
}

function toPhoneMessage(resources: Resources, message: NumberMessage): NewPhoneMessage {
  const { channel, from, to, body, media, content, contentVariables = new Map() } = message;
  const shown = content === undefined ? undefined : renderContent(content, contentVariables, channel);
  return {
    sid: message.sid ?? messageSid(resources, channel, media.length > 0 ? "media" : "text"),
    direction: "in",
    from,
    to,
    body: shown?.body ?? body,
    media: shown?.mediaUrls ?? media,
    buttons: (shown?.choices ?? []).map(({ title }) => title),
    choices: shown?.choices ?? [],
    links: shown?.links ?? [],
    location: shown?.location ?? null,
    status: "delivered",
    conversationSid: null,
    messageSid: null,
  };
}
