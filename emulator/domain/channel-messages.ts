import type { ChannelMessage } from "./account-model.ts";
import type { Resources } from "./resources.ts";

type NewMessage = Pick<
  ChannelMessage,
  "sid" | "direction" | "from" | "to" | "body" | "media" | "messagingServiceSid" | "status"
>;

/** Stores a message. */
export function keepMessage(resources: Resources, message: NewMessage): ChannelMessage {
  const now = resources.clock.now();
  const kept = {
    ...message,
    seq: resources.channelMessages.nextSeq(),
    errorCode: 0,
    dateCreated: now,
    dateUpdated: now,
  };
  resources.channelMessages.add(kept);
  return kept;
}

/** The path of a message's file; requests for it need the account's credentials. */
export function mediaPath(resources: Resources, messageSid: string, mediaSid: string): string {
  return `/2010-04-01/Accounts/${resources.account.sid}/Messages/${messageSid}/Media/${mediaSid}`;
}
