import type { Channel } from "../domain/model.ts";
import type { World } from "../domain/world.ts";
import type { NewPhoneMessage } from "./phones.ts";

/** Makes up the SID of a channel's message: WA… on WhatsApp, MM… for an MMS, SM… for any other. */
export function channelSid({ ids }: World, channel: Channel, isMms: boolean): string {
  if (channel === "whatsapp") return ids.sid("WA");
  return ids.sid(isMms ? "MM" : "SM");
}

/** What a number of the account has to say to a phone. */
interface NumberMessage {
  readonly from: string;
  readonly to: string;
  readonly body: string;
  readonly media: readonly string[];
}

/** A message that a number of the account sends to a phone by itself, and that no conversation knows of. */
export function messageFromNumber(world: World, channel: Channel, message: NumberMessage): NewPhoneMessage {
  return {
    sid: channelSid(world, channel, message.media.length > 0),
    direction: "in",
    ...message,
    buttons: [],
    status: "delivered",
    conversationSid: null,
    messageSid: null,
  };
}
