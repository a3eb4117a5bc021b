import type { ChatChannel, Service } from "./account-model.ts";
import { emptyConversation } from "./conversation-drafts.ts";
import { createConversation } from "./conversations.ts";
import { addMessage, emptyMessage } from "./messages.ts";
import type { Conversation } from "./model.ts";
import { addParticipant, emptyParticipant } from "./participants.ts";
import type { World } from "./world.ts";

const silently = { source: "API", webhooks: false } as const;

/** Creates a public channel, as applications of the Chat API created them. */
export function createChannel(
  world: World,
  { sid: serviceSid }: Service,
  given: Omit<ChatChannel, "sid" | "serviceSid">,
): ChatChannel {
  const channel = { sid: world.ids.sid("CH"), serviceSid, ...given };
  world.chatChannels.set(channel.sid, channel);
  return channel;
}

/**
 * Converts a public channel to a conversation with its SID, members and messages ("Chat Channel Migration Resource").
 * Resolves to undefined when the service has no such channel.
 */
export async function migrateChannel(
  world: World,
  service: Service,
  sid: string,
): Promise<Conversation | undefined> {
  const channel = world.chatChannels.get(sid);
  if (channel === undefined || channel.serviceSid !== service.sid) return undefined;
  const { friendlyName, uniqueName, attributes, members, messages } = channel;
  world.chatChannels.delete(sid);
  world.ids.reserve(sid);
  const input = { ...emptyConversation, friendlyName, uniqueName, attributes };
  const conversation = await createConversation(world, service, input, silently);
  for (const identity of members)
    await addParticipant(world, conversation, { ...emptyParticipant, identity }, silently);
  for (const message of messages)
    await addMessage(world, conversation, { ...emptyMessage, ...message }, silently);
  return conversation;
}
