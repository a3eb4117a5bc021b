import type { PushBinding } from "../domain/account-model.ts";
import type { Occasion } from "./occasion.ts";
import { titleOf } from "./template.ts";

/** What a device shows, and what its SDK gets to know. */
export interface PushContent {
  readonly text: string;
  readonly sound: string | null;
  /** For iOS alone, where badges are on. */
  readonly badge: number | undefined;
  /** Beside what is shown: names and values in the order in which they are sent. */
  readonly data: Fields;
}

/** All values are texts, as FCM takes them. */
export type Fields = Readonly<Record<string, string>>;

/**
 * What the vendor hands to the app: for APNs the payload with `aps`, for FCM and GCM the message with its `data`. It
 * is what the SDKs' `parsePushNotification` reads, with the names of Twilio's Notify for text and sound.
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

/** A badge that falls, for iOS: nothing is shown but the number. */
export function badgePayload(badge: number, data: Fields): object {
  return { aps: { badge }, ...data };
}

/** What an SDK is told of an occasion: field names as published captures have them and the SDKs read them. */
export function dataOf({ conversation, message }: Occasion): Fields {
  const place = { conversation_sid: conversation.sid, conversation_title: titleOf(conversation) };
  if (message === undefined) return place;
  const { author, sid, seq, media } = message;
  const about = { ...place, author, message_sid: sid, message_index: String(seq) };
  const [first] = media;
  if (first === undefined) return about;
  const { filename, size, contentType } = first;
  const described = { filename: filename ?? undefined, size, content_type: contentType, sid: first.sid };
  return { ...about, media_count: String(media.length), media: JSON.stringify(described) };
}
