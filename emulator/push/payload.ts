import type { PushBinding } from "../domain/account-model.ts";
import type { PushEvent } from "./push-event.ts";
import { titleOf } from "./template.ts";

/** The notification that a device shows, and the data for its SDK. */
export interface PushContent {
  readonly text: string;
  readonly sound: string | null;
  /** Only for iOS, while badges are enabled. */
  readonly badge: number | undefined;
  /** Additional names and values, in the order in which they are sent. */
  readonly data: Fields;
}

/** All values are strings, as FCM requires. */
export type Fields = Readonly<Record<string, string>>;

/**
 * The payload that the vendor delivers to the app: for APNs with `aps`, for FCM and GCM with `data`. The SDKs'
 * `parsePushNotification` reads it; text and sound have the names of Twilio Notify.
 */
export function payloadFor(bindingType: PushBinding["bindingType"], content: PushContent): object {
  const { text, sound, badge, data } = content;
  if (bindingType !== "apn")
    return { data: { ...data, twi_body: text, ...(sound === null ? {} : { twi_sound: sound }) } };
  const aps = {
    alert: { body: text },
    ...(badge === undefined ? {} : { badge }),
    ...(sound === null ? {} : { sound }),
  };
  return { aps, ...data };
}

/** A lower badge number, for iOS: nothing else is shown. */
export function badgePayload(badge: number, data: Fields): object {
  return { aps: { badge }, ...data };
}

/** The data for an SDK, with the field names that were observed and that the SDKs read. */
export function dataOf({ conversation, message }: PushEvent): Fields {
  const conversationData = { conversation_sid: conversation.sid, conversation_title: titleOf(conversation) };
  if (message === undefined) return conversationData;
  const { author, sid, seq, media } = message;
  const messageDetails = { ...conversationData, author, message_sid: sid, message_index: String(seq) };
  const [first] = media;
  if (first === undefined) return messageDetails;
  const { filename, size, contentType } = first;
  const described = { filename: filename ?? undefined, size, content_type: contentType, sid: first.sid };
  return { ...messageDetails, media_count: String(media.length), media: JSON.stringify(described) };
}
