import type { Sid } from "../sid.ts";
import type { ChannelMessage, ChannelMessagePrefix, MessagingService } from "./account-model.ts";
import { channelOf, checkEmulated } from "./address.ts";
import { keepMessage } from "./channel-messages.ts";
import { type Channel, channelTraits } from "./channels.ts";
import { renderContent } from "./content-rendering.ts";
import { checkContentVariables } from "./content-variables.ts";
import { ApiError } from "./errors.ts";
import type { Content } from "./model.ts";
import type { Resources } from "./resources.ts";
import { textingRules } from "./rules/texting.ts";
import { isHttpUrl } from "./url.ts";

/** Parameters of a message of Programmable Messaging; undefined when omitted. */
export interface OutboundInput {
  readonly to: string | undefined;
  readonly from: string | undefined;
  readonly messagingServiceSid: string | undefined;
  readonly body: string | undefined;
  readonly mediaUrls: readonly string[];
  readonly contentSid: string | undefined;
  readonly contentVariables: string | undefined;
  readonly statusCallback: string | undefined;
}

/** A stored message that is not sent yet, with the data that its channel needs. */
export interface OutboundDraft {
  readonly message: ChannelMessage;
  readonly channel: Channel;
  /** The sender, which may not be in the message yet. */
  readonly from: string;
  /** The text, which may not be in the message yet. */
  readonly body: string;
  readonly content: Content | undefined;
  readonly contentVariables: ReadonlyMap<string, string>;
  /** The URL that receives each new status; undefined when omitted. */
  readonly statusCallback: string | undefined;
}

const longestBody = 1600;
const mostFiles = 10;

/**
 * Checks a message by the rules that Twilio applies to the request, and stores it as `queued` (the Message resource of
 * Programmable Messaging; error dictionary), or as `accepted` with a messaging service ("Outbound Message Status in Status
 * Callbacks").
 * @param sidOf creates the SID of the channel's message.
 */
export function draftOutbound(
  resources: Resources,
  input: OutboundInput,
  sidOf: (channel: Channel, hasMedia: boolean) => Sid<ChannelMessagePrefix>,
): OutboundDraft {
  const { to, mediaUrls } = input;
  if (!to) throw textingRules.toMissing();
  for (const address of [to, input.from ?? ""]) checkEmulated(address, "messages");
  const channel = channelOf(to);
  if (channel === undefined) throw textingRules.toInvalid(to);
  const service = serviceOf(resources, input);
  const from = senderOf(resources, input, service, channel);
  if (from === to) throw textingRules.sameNumbers();
  const content = contentOf(resources, input);
  const contentVariables = variablesOf(input);
  const body =
    content === undefined ? (input.body ?? "") : renderContent(content, contentVariables, channel).body;
  if (body === "" && mediaUrls.length === 0 && content === undefined) throw textingRules.bodyMissing();
  if (body.length > longestBody) throw textingRules.bodyTooLong();
  if (mediaUrls.length > mostFiles) throw textingRules.tooManyFiles();
  if (mediaUrls.some((url) => !isHttpUrl(url))) throw textingRules.mediaUrlInvalid();
  const statusCallback = input.statusCallback || service?.statusCallback || undefined;
  if (statusCallback !== undefined && !isHttpUrl(statusCallback)) throw textingRules.statusCallbackInvalid();
  const media = mediaUrls.map((url) => ({
    sid: resources.ids.sid("ME"),
    contentType: "application/octet-stream",
    bytes: null,
    url,
  }));
  const message = keepMessage(resources, {
    sid: sidOf(channel, media.length > 0),
    direction: "outbound-api",
    to,
    media,
    ...initialFields(input, service, { from, body }),
  });
  return { message, channel, from, body, content, contentVariables, statusCallback };
}

/**
 * With a messaging service the sender is unknown at first unless it was given, and the text of a template empty (observed:
 * twilio-node issue 1081).
 */
function initialFields(
  input: OutboundInput,
  service: MessagingService | undefined,
  { from, body }: Pick<OutboundDraft, "from" | "body">,
): Pick<ChannelMessage, "from" | "body" | "messagingServiceSid" | "status"> {
  if (service === undefined) return { from, body, messagingServiceSid: null, status: "queued" };
  return {
    from: input.from ? from : null,
    body: input.contentSid ? "" : body,
    messagingServiceSid: service.sid,
    status: "accepted",
  };
}

function serviceOf(
  resources: Resources,
  { messagingServiceSid }: OutboundInput,
): MessagingService | undefined {
  if (!messagingServiceSid) return undefined;
  const service = resources.messagingServices.get(messagingServiceSid);
  if (service === undefined) throw textingRules.serviceNotFound();
  return service;
}

/** The given sender, or the first of the messaging service on the channel. */
function senderOf(
  resources: Resources,
  { from }: OutboundInput,
  service: MessagingService | undefined,
  channel: Channel,
): string {
  if (from) {
    if (resources.numbers.get(from)?.channel === channel) return from;
    const fromChannel = channelOf(from);
    if (fromChannel !== undefined && fromChannel !== channel) throw textingRules.channelsDiffer();
    throw channelTraits[channel].senderSid === "PN"
      ? textingRules.fromNotOwned(from)
      : textingRules.senderNotFound();
  }
  if (service === undefined) throw textingRules.fromMissing();
  const pooled = [...service.numbers.values()].find(({ number }) => number.channel === channel);
  if (pooled === undefined) throw textingRules.poolEmpty();
  return pooled.number.address;
}

function contentOf(
  resources: Resources,
  { contentSid, contentVariables }: OutboundInput,
): Content | undefined {
  if (!contentSid) {
    if (contentVariables) throw textingRules.contentSidMissing();
    return undefined;
  }
  const content = resources.contents.get(contentSid);
  if (content === undefined) throw textingRules.contentSidInvalid();
  return content;
}

/** A value that is null or empty is invalid (error dictionary 21656). */
function variablesOf({ contentVariables }: OutboundInput): ReadonlyMap<string, string> {
  try {
    const variables = checkContentVariables(contentVariables);
    if ([...variables.values()].includes("")) throw textingRules.contentVariablesInvalid();
    return variables;
  } catch (error) {
    if (error instanceof ApiError) throw textingRules.contentVariablesInvalid();
    throw error;
  }
}
