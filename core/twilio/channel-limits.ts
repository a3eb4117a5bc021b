import type { ParticipantInstance } from "twilio/lib/rest/conversations/v1/conversation/participant.js";
import type { ConversationContext } from "twilio/lib/rest/conversations/v1/conversation.js";
import { MESSAGE_LENGTH } from "../input.ts";
import type { Log } from "../log.ts";

/** The content of a message, and its author, who does not receive it. */
export interface MessageParts {
  readonly author: string | undefined;
  readonly body: string;
  readonly media?: { readonly size: number; readonly contentType: string } | undefined;
}

/** Types that SMS and WhatsApp deliver (docs: Conversations limits). */
export const CHANNEL_MEDIA_TYPES: readonly string[] = [
  "image/jpeg",
  "image/png",
  "audio/mpeg",
  "audio/amr",
  "video/mp4",
  "application/pdf",
];

/** Largest files by channel, in MB (docs: Conversations limits). Other channels have no documented limit. */
const LARGEST_MEDIA_MB: ReadonlyMap<string, number> = new Map([
  ["sms", 5],
  ["whatsapp", 16],
]);

/**
 * Describes which participants will not receive all of a message because of the limits of their channels: one sentence for each part
 * that is lost, with the participants' SIDs. `undefined` when nothing is lost. The message was already sent, so a
 * failure of this check is only logged.
 */
export async function warningFor(
  conversation: ConversationContext,
  message: MessageParts,
  log: Log,
): Promise<string | undefined> {
  if (message.body.length <= MESSAGE_LENGTH && message.media === undefined) return undefined;
  try {
    return warningTo(await conversation.participants.list(), message);
  } catch (error) {
    log.warn("no_warning", { error });
    return undefined;
  }
}

function warningTo(participants: readonly ParticipantInstance[], message: MessageParts): string | undefined {
  const losses = new Map<string, { readonly channel: string; readonly sid: string }[]>();
  for (const { messagingBinding, sid } of participants) {
    // A group text's member with a projected address has no phone.
    if (!messagingBinding?.address || messagingBinding.address === message.author) continue;
    const channel: string = messagingBinding.type;
    const loss = lossOn(channel, message);
    if (loss === undefined) continue;
    losses.set(loss, [...(losses.get(loss) ?? []), { channel, sid }]);
  }
  const sentences = [...losses].map(([loss, people]) => {
    const channels = [...new Set(people.map(({ channel }) => channel))].sort().join(" and ");
    return `Participants on ${channels} (${people.map(({ sid }) => sid).join(", ")}) do not get ${loss}.`;
  });
  return sentences.length === 0 ? undefined : sentences.join(" ");
}

/** The part of a message that a channel does not deliver. */
function lossOn(channel: string, { body, media }: MessageParts): string | undefined {
  const largest = LARGEST_MEDIA_MB.get(channel);
  if (media === undefined || largest === undefined) {
    return body.length > MESSAGE_LENGTH
      ? `this message: it is longer than ${MESSAGE_LENGTH} characters`
      : undefined;
  }
  if (media.size > largest * 1024 * 1024) return `the file: it is larger than ${largest} MB`;
  if (!CHANNEL_MEDIA_TYPES.includes(media.contentType)) return `the file: it is of type ${media.contentType}`;
  return body === "" ? undefined : "the text: beside a file it is dropped there";
}
