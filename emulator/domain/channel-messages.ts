import type { ChannelMessage } from "./account-model.ts";
import type { World } from "./world.ts";

type NewMessage = Pick<
  ChannelMessage,
  "sid" | "direction" | "from" | "to" | "body" | "media" | "messagingServiceSid" | "status"
>;

/** Stores a message. */
export function keepMessage(world: World, message: NewMessage): ChannelMessage {
  const now = world.clock.now();
  const kept = {
    ...message,
    seq: world.channelMessages.nextSeq(),
    errorCode: 0,
    dateCreated: now,
    dateUpdated: now,
  };
  world.channelMessages.add(kept);
  return kept;
}

/** The path of a message's file; requests for it need the account's credentials. */
export function mediaPath(world: World, messageSid: string, mediaSid: string): string {
  return `/2010-04-01/Accounts/${world.account.sid}/Messages/${messageSid}/Media/${mediaSid}`;
}
