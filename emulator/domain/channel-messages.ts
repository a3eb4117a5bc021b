import type { ChannelMessage } from "./account-model.ts";
import type { World } from "./world.ts";

type NewMessage = Pick<
  ChannelMessage,
  "sid" | "direction" | "from" | "to" | "body" | "media" | "messagingServiceSid" | "status"
>;

/** Keeps a message. */
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

/** Where a file of a message is, below the API's address; it takes the account's credentials. */
export function mediaPath(world: World, messageSid: string, mediaSid: string): string {
  return `/2010-04-01/Accounts/${world.account.sid}/Messages/${messageSid}/Media/${mediaSid}`;
}
