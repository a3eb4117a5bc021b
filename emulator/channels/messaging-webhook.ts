import type {
  ChannelMedia,
  ChannelMessagePrefix,
  MessagingService,
  OwnedNumber,
} from "../domain/account-model.ts";
import { mediaPath } from "../domain/channel-messages.ts";
import { poolOf } from "../domain/messaging-services.ts";
import type { Choice } from "../domain/model.ts";
import type { Resources } from "../domain/resources.ts";
import type { Sid } from "../sid.ts";
import { channels } from "./channels.ts";
import type { ChannelContext } from "./context.ts";
import { sendFromNumber } from "./number-messages.ts";
import type { InboundMessage } from "./phones.ts";
import { readTwiml } from "./twiml.ts";

/** A message as one number of the account received it. */
export interface Arrival extends InboundMessage {
  /** SID of the channel's message. */
  readonly sid: Sid<ChannelMessagePrefix>;
  /** The number that received it. */
  readonly address: string;
  /** Its files, as in Programmable Messaging. */
  readonly media: readonly ChannelMedia[];
  /** Whether no conversation receives it. */
  readonly isUnrouted: boolean;
}

/**
 * Calls the messaging webhook of a number, and sends the messages of the TwiML response to the phone. It is a webhook
 * of Programmable Messaging: the number's webhook is called for every message ("Inbound Message Handling &
 * Autocreation": also when a conversation receives it; observed), the messaging service's only for unrouted ones. A
 * message that a conversation or a pre-action webhook has rejected does not count as unrouted.
 */
export function callNumber(resources: Resources, context: ChannelContext, arrival: Arrival): void {
  const number = resources.numbers.get(arrival.address);
  if (number === undefined) return;
  const pool = poolOf(resources, number);
  const url = urlFor(number, pool, arrival.isUnrouted);
  if (url === "") return;
  void context
    .callWebhook(arrival.address, url, fieldsOf(resources, context, pool, arrival))
    .then((answer) => {
      const { channel, from: to, address: from } = arrival;
      for (const { body, media } of readTwiml(answer ?? "")) {
        if (context.optOuts.check(to, from) === undefined)
          sendFromNumber(resources, context, { channel, from, to, body, media });
      }
    });
}

function urlFor(number: OwnedNumber, pool: MessagingService | undefined, isUnrouted: boolean): string {
  if (pool === undefined || pool.useInboundWebhookOnNumber) return number.smsUrl;
  return isUnrouted ? (pool.inboundRequestUrl ?? "") : "";
}

/** The parameters of Programmable Messaging. Those of group texts are undocumented, and follow observed requests. */
function fieldsOf(
  resources: Resources,
  { origin }: ChannelContext,
  pool: MessagingService | undefined,
  arrival: Arrival,
): ReadonlyMap<string, string> {
  const { sid, from, to, address, body, media, channel, choice } = arrival;
  const others = to.filter((other) => other !== address);
  return new Map([
    ["MessageSid", sid],
    ["SmsSid", sid],
    ["SmsMessageSid", sid],
    ["AccountSid", resources.account.sid],
    ...(pool === undefined ? [] : [["MessagingServiceSid", pool.sid] as const]),
    ["From", from],
    ["To", address],
    ["Body", body],
    ["NumMedia", String(media.length)],
    ["NumSegments", "1"],
    ["SmsStatus", "received"],
    ["ApiVersion", "2010-04-01"],
    ...channels[channel].webhookFields(from),
    ...choiceFields(choice),
    ...others.map((other, i) => [`OtherRecipients${i}`, other] as const),
    ...media.flatMap((file, i) => [
      [`MediaUrl${i}`, `${origin()}${mediaPath(resources, sid, file.sid)}`] as const,
      [`MediaContentType${i}`, file.contentType] as const,
    ]),
  ]);
}

/**
 * The button or item that was tapped, as published receivers read it. For a button without an ID it is the title
 * (assumed).
 */
function choiceFields(choice: Choice | null): readonly (readonly [name: string, value: string])[] {
  if (choice === null) return [];
  const { kind, title } = choice;
  const id = choice.id ?? title;
  return kind === "button"
    ? [
        ["ButtonText", title],
        ["ButtonPayload", id],
      ]
    : [
        ["ListTitle", title],
        ["ListId", id],
      ];
}
