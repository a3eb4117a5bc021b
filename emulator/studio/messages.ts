import { isoMillis } from "../dates.ts";
import { channelOf } from "../domain/address.ts";
import { ApiError } from "../domain/errors.ts";
import { addMessage, emptyMessage } from "../domain/messages.ts";
import type { Message, Receipt } from "../domain/model.ts";
import type { Resources } from "../domain/resources.ts";
import { conversationOf, isHandedOff } from "./channel.ts";
import type { Execution, JsonObject } from "./model.ts";
import { isObject, type PropertyKind, type Visit } from "./widget.ts";

/** Properties of both widgets for messages. */
export const messageProperties: Readonly<Record<string, PropertyKind>> = {
  from: "text",
  to: "text",
  body: "text",
  media_url: "text",
  service: "text",
  channel: "text",
  attributes: "text",
  message_type: ["custom", "content_template"],
  content_sid: "text",
  content_template_sid: "text",
  content_variables: "parameters",
  messaging_service_sid: "text",
};

/** The outbound message. */
export interface Sent {
  /** Whether Twilio has accepted it. */
  readonly isSent: boolean;
  /** Whether its delivery has failed at once; in a conversation that is known later ({@link failedDelivery}). */
  readonly isUndelivered: boolean;
  readonly outbound: JsonObject;
}

/**
 * Sends a message of the flow: to the conversation, or from a number to the contact. In a conversation it
 * is like a REST write without `X-Twilio-Webhook-Enabled`, so it fires no webhooks (assumed).
 */
export async function sendMessage(visit: Visit): Promise<Sent> {
  const sid = visit.execution.party.conversationSid;
  if (sid === undefined) return sendByNumber(visit);
  if (isHandedOff(visit.execution)) return failed(visit, 50407, "The conversation was handed off to Flex");
  const conversation = conversationOf(visit.resources, sid);
  if (conversation === undefined) return failed(visit, 20404, `There is no conversation ${sid}`);
  if (visit.text("media_url") !== "")
    visit.note(`${visit.state.name}: media is not sent into conversations (Studio does not support it)`);
  const isTemplate = visit.state.properties.message_type === "content_template";
  try {
    const message = await addMessage(
      visit.resources,
      conversation,
      {
        ...emptyMessage,
        author: visit.text("from") || undefined,
        body: isTemplate ? undefined : visit.text("body"),
        attributes: visit.text("attributes") || undefined,
        contentSid: isTemplate ? visit.text("content_sid") : undefined,
        contentVariables: isTemplate ? JSON.stringify(contentVariablesOf(visit)) : undefined,
      },
      { source: "API", webhooks: false },
    );
    return { isSent: true, isUndelivered: false, outbound: present(visit.resources, message) };
  } catch (error) {
    if (error instanceof ApiError) return failed(visit, error.code, error.message);
    throw error;
  }
}

function sendByNumber(visit: Visit): Sent {
  const { party } = visit.execution;
  const from = visit.text("from") || party.address;
  const to = visit.text("to") || party.contact;
  const body = visit.text("body");
  const mediaUrl = visit.text("media_url");
  const media = mediaUrl === "" ? [] : [mediaUrl];
  if (body === "" && media.length === 0) return failed(visit, 21602, "Message body is required");
  const channel = visit.resources.numbers.get(from)?.channel;
  if (channel === undefined) return failed(visit, 21606, `${from} is not a number of the account`);
  if (channelOf(to) === undefined) return failed(visit, 21211, `Invalid 'To' Phone Number: ${to}`);
  if (channelOf(to) !== channel)
    return failed(
      visit,
      21910,
      `Invalid 'From' and 'To' pair: ${from} and ${to} are not on the same channel`,
    );
  const { sid, status, errorCode } = visit.sendText({ channel, from, to, body, media });
  const outbound = {
    Sid: sid,
    Status: status,
    Body: body,
    From: from,
    To: to,
    Direction: "outbound-api",
    NumMedia: String(media.length),
    NumSegments: "1",
    ErrorCode: errorCode === 0 ? null : errorCode,
  };
  // The Messages API answers errors of this range; others are results of the delivery.
  const isSent = errorCode < 21_000 || errorCode >= 22_000;
  return { isSent, isUndelivered: isSent && errorCode !== 0, outbound };
}

function failed({ note, state }: Visit, code: number, message: string): Sent {
  note(`${state.name}: ${code}: ${message}`);
  return { isSent: false, isUndelivered: false, outbound: { ErrorCode: code, ErrorMessage: message } };
}

/**
 * The failed delivery of a step's message in a conversation, if it has reached none of its recipients (assumed: Twilio's page
 * says only that the message could not be delivered).
 */
export function failedDelivery(
  resources: Resources,
  { party }: Execution,
  result: JsonObject | undefined,
): Receipt | undefined {
  const { outbound } = result ?? {};
  if (!isObject(outbound)) return undefined;
  const message = conversationOf(resources, party.conversationSid ?? "")?.messages.get(String(outbound.Sid));
  const receipts = [...(message?.receipts ?? [])];
  const isFailed = ({ status }: Receipt) => status === "failed" || status === "undelivered";
  return receipts.every(isFailed) ? receipts.at(-1) : undefined;
}

/** Keys are written as placeholders, "{{1}}". */
function contentVariablesOf({ state, fill }: Visit): Record<string, string> {
  const entries = (state.properties.content_variables ?? []) as readonly { key: string; value: string }[];
  return Object.fromEntries(
    entries.map(({ key, value }) => [key.replace(/^\{\{\s*|\s*\}\}$/g, ""), fill(value)]),
  );
}

function present(resources: Resources, message: Message): JsonObject {
  const { sid, conversation, body, author, seq, attributes, participantSid, media } = message;
  return {
    Sid: sid,
    AccountSid: resources.account.sid,
    ChatServiceSid: conversation.service.sid,
    ConversationSid: conversation.sid,
    Body: body,
    Author: author,
    Index: seq,
    Attributes: attributes,
    ParticipantSid: participantSid,
    Media: media.length === 0 ? null : media.map(({ sid }) => sid),
    DateCreated: isoMillis(message.dateCreated),
  };
}
