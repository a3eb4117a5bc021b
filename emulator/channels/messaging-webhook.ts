import type { MessagingService, OwnedNumber } from "../domain/account-model.ts";
import { poolOf } from "../domain/messaging-services.ts";
import type { World } from "../domain/world.ts";
import type { Network } from "./network.ts";
import { sendFromNumber } from "./number-messages.ts";
import { contentTypeOf } from "./phone-media.ts";
import type { InboundMessage } from "./phones.ts";
import { readTwiml } from "./twiml.ts";

/** A message as one number of the account got it. */
export interface Arrival extends InboundMessage {
  /** SID of the channel's message. */
  readonly sid: string;
  /** Which of the recipients it is about. */
  readonly address: string;
  /** Whether there is no conversation for it. */
  readonly belongsNowhere: boolean;
}

/**
 * Calls the messaging webhook of a number, and sends what its TwiML answers to the phone. It is not a webhook of
 * Conversations, and knows nothing of it: a number's own is called for every message ("Inbound Message Handling &
 * Autocreation": also when a conversation has it; seen so), that of its messaging service for those that belong nowhere,
 * of which what a conversation or a pre-action webhook has dropped is none.
 */
export function callNumber(world: World, network: Network, arrival: Arrival): void {
  const number = world.numbers.get(arrival.address);
  if (number === undefined) return;
  const pool = poolOf(world, number);
  const url = urlFor(number, pool, arrival.belongsNowhere);
  if (url === "") return;
  void network.callWebhook(arrival.address, url, fieldsOf(world, pool, arrival)).then((answer) => {
    const { from: to, address: from } = arrival;
    for (const { body, media } of readTwiml(answer ?? "")) {
      if (network.optOuts.refusal(to, from) === undefined)
        sendFromNumber(world, network, { from, to, body, media });
    }
  });
}

function urlFor(number: OwnedNumber, pool: MessagingService | undefined, belongsNowhere: boolean): string {
  if (pool === undefined || pool.useInboundWebhookOnNumber) return number.smsUrl;
  return belongsNowhere ? (pool.inboundRequestUrl ?? "") : "";
}

/** The parameters of Programmable Messaging. Those of group texts are undocumented, and as they were seen. */
function fieldsOf(
  world: World,
  pool: MessagingService | undefined,
  arrival: Arrival,
): ReadonlyMap<string, string> {
  const { sid, from, to, address, body, mediaUrls, channel } = arrival;
  const others = to.filter((other) => other !== address);
  return new Map([
    ["MessageSid", sid],
    ["SmsSid", sid],
    ["SmsMessageSid", sid],
    ["AccountSid", world.account.sid],
    ...(pool === undefined ? [] : [["MessagingServiceSid", pool.sid] as const]),
    ["From", from],
    ["To", address],
    ["Body", body],
    ["NumMedia", String(mediaUrls.length)],
    ["NumSegments", "1"],
    ["SmsStatus", "received"],
    ["ApiVersion", "2010-04-01"],
    ...(channel === "whatsapp" ? [["WaId", from.replace("whatsapp:+", "")] as const] : []),
    ...others.map((other, i) => [`OtherRecipients${i}`, other] as const),
    ...mediaUrls.flatMap((url, i) => [
      [`MediaUrl${i}`, url] as const,
      [`MediaContentType${i}`, contentTypeOf(url)] as const,
    ]),
  ]);
}
